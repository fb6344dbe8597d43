import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Segmented, Skeleton } from "antd";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { At, Empty, Facts, Money, Screen, State, Trouble } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { ListTable } from "../../ui/ListTable";
import { useProjects } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useSay, useWord } from "../../words";

type Mandate = Shape["MandateOut"];
const STATES = ["active", "paused", "waiting", "ended"] as const;

/** Monthly giving: whose month is due when, and what a donor asked for at the telephone. */
export function Mandates() {
  const say = useSay();
  const projects = useProjects();
  const search = useSearch({ from: "/known/shell/mandates" });
  const navigate = useNavigate({ from: "/mandates" });
  const state = STATES.find((known) => known === search.state) ?? "active";
  const project = (id: string) => projects?.find((one) => one.id === id)?.title ?? id;
  const pages = usePages<Mandate>(["mandates", state], ({ cursor, limit }) => takeList(api.GET("/api/v1/mandates", { params: { query: { state, limit, ...(cursor ? { cursor } : {}) } } })));
  const show = (mandate: string | undefined) => void navigate({ search: { ...search, mandate } });
  const columns = [
    { key: "donor", title: say("donor"), cell: (one: Mandate) => one.donor ?? say("gifts.anonymous") },
    { key: "amount", title: say("mandates.each"), right: true, cell: (one: Mandate) => <Money fen={one.amount_fen} /> },
    { key: "project", title: say("project"), cell: (one: Mandate) => project(one.project) },
    { key: "next", title: say("mandates.next_due"), cell: (one: Mandate) => (one.state === "ended" ? "" : one.next_due) },
    { key: "state", title: say("state"), cell: (one: Mandate) => <State word={one.state} group="mandate_state" /> },
    { key: "made", title: say("mandates.made"), cell: (one: Mandate) => <At at={one.created_at} /> },
  ];
  return (
    <Screen title={say("mandates.title")} lead={say("mandates.lead")}>
      <div className="bar"><Segmented value={state} options={STATES.map((value) => ({ value, label: say(`mandate_state.${value}`) }))} onChange={(value) => void navigate({ search: { state: value } })} /></div>
      <div className={search.mandate ? "split open" : "split"}>
        <ListTable<Mandate> name="mandates" columns={columns} pages={pages} rowKey={(one) => one.id} opened={search.mandate} open={(one) => show(one.id)} empty={<Empty title={say("mandates.none")}>{say("mandates.none_hint")}</Empty>} />
        {search.mandate && <MandatePanel key={search.mandate} id={search.mandate} project={project} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function MandatePanel({ id, project, close }: { id: string; project: (id: string) => string; close: () => void }) {
  const say = useSay();
  const name = useWord();
  const read = useQuery({ queryKey: ["mandates", id], queryFn: () => take(api.GET("/api/v1/mandates/{mandate}", { params: { path: { mandate: id } } })) });
  if (!read.data) return <Panel title={say("mandates.one")} close={close}>{read.error ? <Trouble error={read.error} again={() => void read.refetch()} /> : <Skeleton active />}</Panel>;
  const { mandate, months, changes } = read.data;
  return (
    <Panel title={mandate.donor ?? say("gifts.anonymous")} close={close} acts={<MandateSteps mandate={mandate} />}>
      <Facts of={[
        [say("mandates.each"), <Money key="m" fen={mandate.amount_fen} />], [say("mandates.day"), mandate.day], [say("project"), project(mandate.project)],
        [say("state"), <State key="s" word={mandate.state} group="mandate_state" />], [say("mandates.next_due"), mandate.state !== "ended" && mandate.next_due],
        [say("mandates.resume_on"), mandate.resume_on], [say("mandates.ends_on"), mandate.ends_on],
      ]} />
      <section className="section">
        <h3>{say("mandates.months")}</h3>
        <ul style={{ display: "grid", gap: 4 }}>{months.map((month) => <li key={month.period} style={{ display: "flex", gap: 10 }}><span className="number" style={{ flex: 1 }}>{month.period}</span><State word={month.state} group="month_state" /></li>)}</ul>
      </section>
      <section className="section">
        <h3>{say("history")}</h3>
        <ol style={{ display: "grid", gap: 4 }}>{changes.map((change) => <li key={change.number}><At at={change.at} /> {name("mandate_state", change.state)} · {name("by_whom", change.by)}</li>)}</ol>
      </section>
    </Panel>
  );
}

function MandateSteps({ mandate }: { mandate: Mandate }) {
  const say = useSay();
  const mine = useMay()("gift_review");
  const queries = useQueryClient();
  if (mandate.state === "ended") return <p className="mute">{say("step.none")}</p>;
  if (!mine) return <p className="mute">{say("read_only")}</p>;
  const change = (act: Shape["Act"]): Choice => ({
    key: act, label: say(`mandates.${act}`), done: say("saved"), note: say("mandates.why"),
    run: (reason) => api.POST("/api/v1/mandates/{mandate}/changes", { params: { path: { mandate: mandate.id } }, body: { act, reason } }),
  });
  const acts = mandate.state === "paused" ? [change("resume"), change("end")] : [change("pause"), change("end")];
  return <Decide effect={say("mandates.effect")} choices={acts} after={() => void queries.invalidateQueries()} />;
}
