import { useQuery, useQueryClient } from "@tanstack/react-query";
import { type Shape, api, takeList } from "../../api/client";
import { yuan } from "../../lib/money";
import { At, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { useSay } from "../../words";

type Held = Shape["DecisionOut"];

/** The matches of a pool that wait for a person, each released or refused on the spot; the gifts themselves never waited. */
export function HeldMatches({ pool }: { pool: Shape["PoolOut"] }) {
  const say = useSay();
  const held = useQuery({
    queryKey: ["pools", "held", pool.code],
    queryFn: () => takeList(api.GET("/api/v1/match/pools/{code}/held", { params: { path: { code: pool.code } } })),
  });
  const rows = held.data?.items ?? [];
  return (
    <section className="section" data-held-matches>
      <h3>{say("work.matches")}</h3>
      {held.error ? <Trouble error={held.error} /> : held.isPending ? <p className="mute">{say("loading")}</p> : rows.length === 0 && <p className="mute">{say("pools.held_none")}</p>}
      {rows.map((one) => <One key={one.number} pool={pool} held={one} />)}
    </section>
  );
}

function One({ pool, held }: { pool: Shape["PoolOut"]; held: Held }) {
  const say = useSay();
  const queries = useQueryClient();
  const at = { params: { path: { code: pool.code, gift: held.gift ?? "" } } };
  // A pool that was closed meanwhile gives nothing any more, and what waits in it stays as it is.
  const why = pool.state === "open" ? null : say("pools.held_closed");
  const choices: Choice[] = [
    { key: "release", label: say("work.match_release"), look: "primary", why, done: say("work.match_released"), run: () => api.POST("/api/v1/match/pools/{code}/held/{gift}/release", at) },
    { key: "refuse", label: say("work.match_refuse"), why, done: say("work.rejected"), run: () => api.POST("/api/v1/match/pools/{code}/held/{gift}/refuse", at) },
  ];
  return (
    <div data-held={held.number}>
      <p>{say("work.match_what", { pool: pool.title, number: held.number })} · <At at={held.at} /> · <span className="code">{held.gift}</span></p>
      <p className="mute">{held.words}</p>
      <Decide effect={say("work.match_effect", { sponsor: pool.sponsor, left: yuan(pool.left_fen) })} choices={choices} after={() => void queries.invalidateQueries()} />
    </div>
  );
}
