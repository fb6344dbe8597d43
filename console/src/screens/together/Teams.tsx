import { useNavigate, useSearch } from "@tanstack/react-router";
import { Segmented, Select } from "antd";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Empty, Money, Screen, State } from "../../ui/basics";
import { ListTable } from "../../ui/ListTable";
import { useProjects } from "../../ui/lists";
import { usePages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { Tags } from "./Tags";
import { TeamPanel } from "./TeamPanel";

export type Team = Shape["TeamOut"];
const STATES = ["draft", "open", "closed"] as const;
const SHEETS = ["teams", "tags"] as const;

/** Teams that give together: a new one is shown once its name and words were read; and the tags that lead gifts to a county. */
export function Teams() {
  const say = useSay();
  const units = useUnits();
  const projects = useProjects();
  const search = useSearch({ from: "/known/shell/teams" });
  const navigate = useNavigate({ from: "/teams" });
  const sheets = useMay()("project_manage") ? SHEETS : (["teams"] as const);
  const sheet = sheets.find((known) => known === search.sheet) ?? "teams";
  const state = STATES.find((known) => known === search.state);
  const pages = usePages<Team>(["teams", state ?? null], ({ cursor, limit }) => takeList(api.GET("/api/v1/teams", {
    params: { query: { limit, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) } },
  })));
  const opened = pages.rows.find((team) => team.team === search.team);
  const project = (id: string) => projects?.find((one) => one.id === id)?.title ?? id;
  const show = (team: string | undefined) => void navigate({ search: { ...search, team } });
  const columns = [
    { key: "title", title: say("teams.name"), cell: (team: Team) => <span className="bounded">{team.title}</span> },
    { key: "state", title: say("state"), cell: (team: Team) => <State group="team_state" word={team.state} /> },
    { key: "target", title: say("target"), right: true, cell: (team: Team) => (typeof team.target_fen === "number" ? <Money fen={team.target_fen} /> : <span className="mute">–</span>) },
    { key: "project", title: say("project"), cell: (team: Team) => <span className="bounded">{project(team.project)}</span> },
    { key: "county", title: say("teams.county"), cell: (team: Team) => units.name(team.county) },
  ];
  return (
    <Screen title={say("teams.title")} lead={say("teams.lead")}>
      <div className="bar">
        <Segmented value={sheet} options={sheets.map((value) => ({ value, label: say(`teams.sheet_${value}`) }))} onChange={(value) => void navigate({ search: { sheet: value } })} />
        {sheet === "teams" && <Select style={{ minWidth: 160 }} allowClear placeholder={say("state")} aria-label={say("state")} value={state ?? null} options={STATES.map((value) => ({ value, label: say(`team_state.${value}`) }))} onChange={(value) => void navigate({ search: { sheet, state: value ?? undefined } })} />}
      </div>
      {sheet === "tags" ? <Tags /> : (
        <div className={opened ? "split open" : "split"}>
          <ListTable<Team> name="teams" columns={columns} pages={pages} rowKey={(team) => team.team} open={(team) => show(team.team)} opened={search.team} empty={<Empty title={say("teams.none")}>{say("teams.none_hint")}</Empty>} />
          {opened && <TeamPanel key={opened.team} team={opened} project={project(opened.project)} close={() => show(undefined)} />}
        </div>
      )}
    </Screen>
  );
}
