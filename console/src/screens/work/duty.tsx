import { useQuery } from "@tanstack/react-query";
import { Suspense, lazy } from "react";
import { DOCUMENTS, documentsWaiting } from "../../api/documents";
import { DUTY, owed } from "../../api/duty";
import { useMay } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { moment } from "../../lib/time";
import { Waiting } from "../../ui/base";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";
import { readIn } from "../duty/said";
import { pileOf } from "./money";
import { FRESH_MS, type Pile } from "./tasks";

/** Each is a screen of its own, loaded when one is opened. */
const OneReport = lazy(() => import("../duty/HandIn").then((all) => ({ default: all.OneReport })));
const DocumentPanel = lazy(() => import("../duty/DocumentPanel").then((all) => ({ default: all.DocumentPanel })));

const polled = { refetchInterval: whileHere(FRESH_MS) } as const;
const SECOND_MS = 1_000;

/** Reports that my units owe now. */
export function useOwed(): Pile | null {
  const say = useSay();
  const language = useLanguage();
  const units = useUnits();
  const mine = useMay()("duty_report");
  const read = useQuery({ queryKey: [...DUTY, "owed"], queryFn: owed, enabled: mine, ...polled });
  if (!mine) return null;
  const rows = { ...read, data: read.data && { items: read.data, next: null } };
  return pileOf("owed", say("work.owed"), rows, (one) => ({
    key: `${one.slot.id} ${one.unit}`, since: one.slot.opens_at, facts: [], effect: "", choices: [], emergency: one.slot.is_emergency,
    what: say("work.owed_what", { form: readIn(one.title, language), unit: units.name(one.unit), hour: moment(one.slot.due_at).slice(5) }),
    due: { left_s: Math.round((new Date(one.slot.due_at).getTime() - read.dataUpdatedAt) / SECOND_MS), read_ms: read.dataUpdatedAt },
    panel: (close) => <Suspense fallback={<Waiting />}><OneReport slot={one.slot.id} unit={one.unit} back={close} /></Suspense>,
  }));
}

/** Documents that my units have not confirmed. */
export function useDocuments(): Pile | null {
  const say = useSay();
  const units = useUnits();
  const mine = useMay()("document_read");
  const read = useQuery({ queryKey: [...DOCUMENTS, "waiting"], queryFn: documentsWaiting, enabled: mine, ...polled });
  if (!mine) return null;
  const rows = { ...read, data: read.data && { items: read.data, next: null } };
  return pileOf("documents", say("work.documents"), rows, (one) => ({
    key: `${one.id} ${one.receiver}`, since: one.sent_at, facts: [], effect: "", choices: [],
    what: say(one.read_at ? "work.document_read" : "work.document_new", { code: one.code, title: one.title, unit: units.name(one.unit) }),
    ...(one.confirm_by ? { due: { left_s: Math.round((new Date(one.confirm_by).getTime() - read.dataUpdatedAt) / SECOND_MS), read_ms: read.dataUpdatedAt } } : {}),
    panel: (close) => <Suspense fallback={<Waiting />}><DocumentPanel id={one.id} close={close} /></Suspense>,
  }));
}
