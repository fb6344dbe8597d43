import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useMay } from "../../api/session";
import { alerts } from "../../api/supervision";
import { whileHere } from "../../lib/awake";
import { At, Money } from "../../ui/base";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { seenChoice } from "../watch/seen";
import { pileOf } from "./money";
import { FRESH_MS, type Pile, TASKS_MAX } from "./tasks";

/** What my own rules raised and I have not marked seen. */
export function useAlerts(): Pile | null {
  const say = useSay();
  const mine = useMay()("audit_read");
  const units = useUnits();
  const read = useQuery({ queryKey: ["work", "alerts"], queryFn: () => alerts("unseen", { cursor: undefined, limit: TASKS_MAX }), enabled: mine, refetchInterval: whileHere(FRESH_MS) });
  if (!mine) return null;
  return pileOf("alerts", say("work.alerts"), read, (alert) => ({
    key: alert.id, what: alert.title, since: alert.happened_at, effect: say("supervision.seen_effect"),
    ...(alert.amount_fen === null ? {} : { fen: alert.amount_fen }),
    facts: [
      [say("supervision.happened_at"), <At key="t" at={alert.happened_at} />],
      [say("amount"), alert.amount_fen !== null && <Money key="m" fen={alert.amount_fen} large />],
      [say("unit"), units.name(alert.unit)],
      [say("trail.kind"), <span key="k" className="code">{alert.fact_kind}</span>],
      [say("supervision.rows"), <Link key="l" to="/trail" search={{ subject: alert.subject }}>{say("supervision.open_rows")}</Link>],
    ],
    choices: [seenChoice(say, alert)],
  }));
}
