import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { type Starter, revealStarter } from "../../api/reveal";
import { useMay } from "../../api/session";
import { At, Facts, Money, State, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { Reveal } from "../../ui/Reveal";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import type { Team } from "./Teams";

/** One team: its words, its sums, its wall, and who started it. */
export function TeamPanel({ team, project, close }: { team: Team; project: string; close: () => void }) {
  const say = useSay();
  const units = useUnits();
  const manages = useMay()("project_manage");
  const isPublic = team.state !== "draft";
  const at = { params: { path: { team: team.team } } };
  const sums = useQuery({ queryKey: ["team", team.team, "sums"], enabled: isPublic, queryFn: () => take(api.GET("/api/v1/teams/{team}", at)) });
  return (
    <Panel title={team.title} close={close} acts={manages ? <TeamSteps team={team} /> : <p className="mute">{say("may_not", { permission: say("permission.project_manage") })}</p>}>
      {sums.data && <div><Money fen={sums.data.sum_fen} large /><p className="mute">{say("teams.gifts", { count: sums.data.gifts })}</p></div>}
      <Facts of={[
        [say("state"), <State key="s" group="team_state" word={team.state} />], [say("teams.words"), team.words], [say("project"), project], [say("teams.county"), units.name(team.county)],
        [say("target"), typeof team.target_fen === "number" && <Money key="m" fen={team.target_fen} />],
        [say("campaigns.page"), isPublic && <a key="p" href={team.href} target="_blank" rel="noreferrer">{say("campaigns.page_open")}</a>],
      ]} />
      {manages && <Started team={team.team} />}
      {manages && isPublic && <Wall team={team.team} />}
      <History of={team.team} />
    </Panel>
  );
}

/** Who started it: masked, and opened for a reason. */
function Started({ team }: { team: string }) {
  const say = useSay();
  const read = useQuery({ queryKey: ["team", team, "starter"], queryFn: () => take(api.GET("/api/v1/teams/{team}/starter", { params: { path: { team } } })) });
  if (read.error) return <Trouble error={read.error} />;
  const who = (one: Starter) => <>{one.name} · <span className="number">{one.phone}</span></>;
  return <Facts of={[[say("teams.starter"), read.data && <Reveal key="r" masked={who(read.data)} run={(reason) => revealStarter(team, reason)} shown={who} />]]} />;
}

/** The names on its wall; one that must not stand there is hidden, the gift stays. */
function Wall({ team }: { team: string }) {
  const say = useSay();
  const queries = useQueryClient();
  const [error, setError] = useState<unknown>(null);
  const read = useQuery({ queryKey: ["team", team, "wall"], queryFn: () => takeList(api.GET("/api/v1/teams/{team}/wall", { params: { path: { team } } })) });
  const hide = async (gift: string, name: Shape["NameIn"]) => {
    try {
      setError(null);
      await api.POST("/api/v1/walls/{gift}", { params: { path: { gift } }, body: { name } });
      await queries.invalidateQueries({ queryKey: ["team", team] });
    } catch (problem) {
      setError(problem);
    }
  };
  const rows = read.data?.items ?? [];
  return (
    <section className="section">
      <h3>{say("teams.wall")}</h3>
      {(error ?? read.error) !== null && <Trouble error={error ?? read.error} />}
      {read.data && rows.length === 0 && <p className="mute">{say("teams.wall_none")}</p>}
      <ul style={{ display: "grid", gap: 8 }}>
        {rows.map((row) => (
          <li key={row.gift} style={{ display: "flex", gap: 8, alignItems: "baseline", flexWrap: "wrap" }}>
            <span style={{ flex: "1 1 140px" }}>{row.name ?? <span className="mute">{say("teams.nameless")}</span>} · <Money fen={row.amount_fen} /> · <At at={row.at} /></span>
            {row.name ? <Button size="small" onClick={() => void hide(row.gift, "hidden")}>{say("teams.hide")}</Button> : <Button size="small" onClick={() => void hide(row.gift, "shown")}>{say("teams.unhide")}</Button>}
            {row.message && <span className="mute" style={{ flexBasis: "100%" }}>{row.message}</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

function TeamSteps({ team }: { team: Team }) {
  const say = useSay();
  const queries = useQueryClient();
  const [writing, setWriting] = useState(false);
  const at = { params: { path: { team: team.team } } };
  const after = () => {
    setWriting(false);
    void queries.invalidateQueries();
  };
  if (team.state === "closed") return <p className="mute">{say("step.none")}</p>;
  if (writing) {
    return (
      <QuickForm<Shape["DescribeTeam"]>
        fields={[
          { name: "title", label: say("teams.name"), chars: 30 }, { name: "words", kind: "area", label: say("teams.words"), optional: true },
          { name: "target_fen", kind: "money", label: say("target"), optional: true },
        ]}
        initial={{ title: team.title, words: team.words, ...(typeof team.target_fen === "number" ? { target_fen: team.target_fen } : {}) }}
        effect={say("teams.write_effect")} button={say("save")} done={say("saved")} after={after} cancel={() => setWriting(false)}
        submit={({ title, words, target_fen }) => api.PUT("/api/v1/teams/{team}/words", { ...at, body: { title, words: words ?? "", ...(typeof target_fen === "number" ? { target_fen } : {}) } })}
      />
    );
  }
  const isDraft = team.state === "draft";
  const open: Choice = { key: "open", label: say("teams.open"), look: "primary", done: say("teams.opened"), run: () => api.POST("/api/v1/teams/{team}/open", at) };
  const shut: Choice = {
    key: "close", label: say(isDraft ? "teams.refuse" : "teams.close"), look: "danger", note: say("teams.why"), done: say("saved"),
    run: (why) => api.POST("/api/v1/teams/{team}/close", { ...at, body: { why } }),
  };
  const write: Choice = { key: "write", label: say("teams.write"), open: () => setWriting(true) };
  return <Decide effect={say(isDraft ? "teams.open_effect" : "teams.close_effect")} choices={isDraft ? [open, write, shut] : [write, shut]} after={after} />;
}
