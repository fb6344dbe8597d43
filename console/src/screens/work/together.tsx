import { useQuery } from "@tanstack/react-query";
import { api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { At, Money } from "../../ui/base";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { decisions } from "../screening/decide";
import { evidenceOf } from "../screening/evidence";
import { pileOf } from "./money";
import { FRESH_MS, type Pile, TASKS_MAX } from "./tasks";

const polled = { refetchInterval: whileHere(FRESH_MS) } as const;

/** Gifts that screening held. */
export function useHolds(): Pile | null {
  const say = useSay();
  const mine = useMay()("gift_review");
  const read = useQuery({
    queryKey: ["work", "holds"], enabled: mine, ...polled,
    queryFn: () => takeList(api.GET("/api/v1/screening/holds", { params: { query: { state: "waiting", limit: TASKS_MAX } } })),
  });
  if (!mine) return null;
  return pileOf("holds", say("work.holds"), read, (hold) => {
    const evidence = evidenceOf(hold, say);
    return {
      key: `hold ${hold.gift}`, fen: hold.amount_fen, since: hold.held_at, gift: hold.gift,
      what: say("work.hold_what", { signal: say(`signal.${hold.signal}`), evidence: evidence[0] ?? "" }),
      effect: say("holds.effect"),
      facts: [
        [say("amount"), <Money key="m" fen={hold.amount_fen} large />],
        [say("holds.evidence"), <ul key="e">{evidence.map((line) => <li key={line}>{line}</li>)}</ul>],
        [say("work.since"), <At key="t" at={hold.held_at} />],
      ],
      choices: decisions(say, [hold.gift], hold.state),
    };
  });
}

/** Teams whose name and words nobody has read yet. */
export function useTeams(): Pile | null {
  const say = useSay();
  const units = useUnits();
  const mine = useMay()("project_manage");
  const read = useQuery({
    queryKey: ["work", "teams"], enabled: mine, ...polled,
    queryFn: () => takeList(api.GET("/api/v1/teams", { params: { query: { state: "draft", limit: TASKS_MAX } } })),
  });
  if (!mine) return null;
  return pileOf("teams", say("work.teams"), read, (team) => {
    const at = { params: { path: { team: team.team } } };
    return {
      key: `team ${team.team}`, since: null, what: say("work.team_what", { title: team.title, unit: units.name(team.county) }), effect: say("teams.open_effect"),
      facts: [
        [say("teams.name"), team.title], [say("teams.words"), team.words], [say("teams.county"), units.name(team.county)],
        [say("target"), typeof team.target_fen === "number" && <Money key="m" fen={team.target_fen} />],
      ],
      choices: [
        { key: "open", label: say("teams.open"), look: "primary", done: say("teams.opened"), run: () => api.POST("/api/v1/teams/{team}/open", at) },
        { key: "refuse", label: say("teams.refuse"), note: say("teams.why"), done: say("work.rejected"), run: (why) => api.POST("/api/v1/teams/{team}/close", { ...at, body: { why } }) },
      ],
    };
  });
}
