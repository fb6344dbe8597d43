import { Suspense, lazy } from "react";
import { useMay } from "../../api/session";
import { Waiting } from "../../ui/base";
import { useSay } from "../../words";
import { useWaiting } from "../approvals/live";
import { useNames } from "../approvals/use";
import { pileOf } from "./money";
import type { Pile } from "./tasks";

/** A case is a screen of its own, loaded when one is opened. */
const CasePanel = lazy(() => import("../approvals/CasePanel").then((all) => ({ default: all.CasePanel })));

/** Cases that wait for my decision, what is due first on top. */
export function useApprovals(): Pile | null {
  const say = useSay();
  const mine = useMay()("approval_decide");
  const read = useWaiting();
  const names = useNames((read.data?.items ?? []).map((one) => one.unit));
  if (!mine) return null;
  return pileOf("approvals", say("approvals.title"), read, (one) => ({
    key: `${one.id} ${one.stage}`, since: one.asked_at, facts: [], effect: "", choices: [], emergency: one.fast_lane,
    what: say("approvals.work_what", { kind: names.kind(one.subject_kind), title: one.title }),
    due: { left_s: one.seconds_left, read_ms: read.dataUpdatedAt },
    panel: (close) => <Suspense fallback={<Waiting />}><CasePanel id={one.id} stage={one.stage} close={close} /></Suspense>,
  }));
}
