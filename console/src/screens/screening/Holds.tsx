import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Checkbox, Segmented, Select } from "antd";
import { useState } from "react";
import { type Shape, api, take, takeList } from "../../api/client";
import { useMay, useSession } from "../../api/session";
import { sum } from "../../lib/money";
import { At, Empty, FactKind, Facts, Money, Screen, State } from "../../ui/basics";
import { Decide } from "../../ui/Decide";
import { ListTable } from "../../ui/ListTable";
import { usePersonName, useProjects } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useSay } from "../../words";
import { GiftFacts } from "../gifts/GiftFacts";
import { decisions } from "./decide";
import { evidenceOf } from "./evidence";

type Hold = Shape["HoldOut"];
const STATES = ["waiting", "kept", "cleared"] as const;
const SIGNALS = ["velocity", "round_trip", "small_burst", "same_sum", "name", "before_campaign"] as const satisfies Shape["Signal"][];

/** Gifts that screening held: what was seen, in words, and the decision about one or about what one source gave. */
export function Holds() {
  const say = useSay();
  const projects = useProjects();
  const decides = useMay()("gift_review");
  const search = useSearch({ from: "/known/shell/holds" });
  const navigate = useNavigate({ from: "/holds" });
  const [picked, setPicked] = useState<Hold[]>([]);
  const state = STATES.find((known) => known === search.state) ?? "waiting";
  const signal = SIGNALS.find((known) => known === search.signal);
  const pages = usePages<Hold>(["holds", state, signal ?? null], ({ cursor, limit }) => takeList(api.GET("/api/v1/screening/holds", {
    params: { query: { state, limit, ...(signal ? { signal } : {}), ...(cursor ? { cursor } : {}) } },
  })));
  const opened = pages.rows.find((hold) => hold.gift === search.gift);
  const isPicked = (hold: Hold) => picked.some((one) => one.gift === hold.gift);
  const show = (gift: string | undefined) => {
    setPicked([]);
    void navigate({ search: { ...search, gift } });
  };
  const pick = (hold: Hold) => {
    setPicked(isPicked(hold) ? picked.filter((one) => one.gift !== hold.gift) : [...picked, hold]);
    void navigate({ search: { ...search, gift: undefined } });
  };
  const filter = (change: Partial<typeof search>) => {
    setPicked([]);
    void navigate({ search: { ...search, gift: undefined, ...change } });
  };
  const project = (id: string) => projects?.find((one) => one.id === id)?.title ?? id;
  const choosing = {
    key: "pick", title: say("holds.pick"), bare: true,
    cell: (hold: Hold) => <span onClick={(event) => event.stopPropagation()}><Checkbox checked={isPicked(hold)} aria-label={say("holds.pick")} onChange={() => pick(hold)} /></span>,
  };
  const columns = [
    ...(state === "cleared" || !decides ? [] : [choosing]),
    { key: "signal", title: say("holds.signal"), cell: (hold: Hold) => say(`signal.${hold.signal}`) },
    { key: "amount", title: say("amount"), right: true, cell: (hold: Hold) => <Money fen={hold.amount_fen} /> },
    { key: "evidence", title: say("holds.evidence"), cell: (hold: Hold) => <span className="bounded">{evidenceOf(hold, say)[0]}</span> },
    { key: "project", title: say("project"), cell: (hold: Hold) => <span className="bounded">{project(hold.project)}</span> },
    { key: "held_at", title: say("work.since"), cell: (hold: Hold) => <At at={hold.held_at} /> },
  ];
  return (
    <Screen title={say("holds.title")} lead={say("holds.lead")}>
      <div className="bar">
        <Segmented value={state} options={STATES.map((value) => ({ value, label: say(`hold_state.${value}`) }))} onChange={(value) => filter({ state: value })} />
        <Select style={{ minWidth: 200 }} allowClear placeholder={say("holds.signal")} aria-label={say("holds.signal")} value={signal ?? null} options={SIGNALS.map((value) => ({ value, label: say(`signal.${value}`) }))} onChange={(value) => filter({ signal: value ?? undefined })} />
      </div>
      <div className={opened || picked.length > 0 ? "split open" : "split"}>
        <ListTable<Hold> name="holds" columns={columns} pages={pages} rowKey={(hold) => hold.gift} open={(hold) => show(hold.gift)} opened={search.gift} empty={<Empty title={say("holds.none")}>{say("holds.none_hint")}</Empty>} />
        {picked.length > 0 && <ManyPanel holds={picked} state={state} close={() => setPicked([])} />}
        {opened && picked.length === 0 && <HoldPanel key={opened.gift} hold={opened} project={project(opened.project)} close={() => show(undefined)} />}
      </div>
    </Screen>
  );
}

function HoldPanel({ hold, project, close }: { hold: Hold; project: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const names = usePersonName();
  const me = useSession().user.id;
  const read = useQuery({ queryKey: ["hold", hold.gift], queryFn: () => take(api.GET("/api/v1/screening/holds/{gift}", { params: { path: { gift: hold.gift } } })) });
  const decides = useMay()("gift_review");
  const choices = decisions(say, [hold.gift], hold.state);
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const acts = !decides ? <p className="mute">{say("may_not", { permission: say("permission.gift_review") })}</p> : choices.length > 0
    ? <Decide effect={say(hold.state === "kept" ? "holds.kept_effect" : "holds.effect")} choices={choices} after={after} />
    : <p className="mute">{say("holds.final")}</p>;
  const person = (id: string) => (id === me ? say("me") : names(id));
  return (
    <Panel title={say(`signal.${hold.signal}`)} close={close} acts={acts}>
      <section className="section"><h3>{say("holds.evidence")}</h3><ul>{evidenceOf(hold, say).map((line) => <li key={line}>{line}</li>)}</ul></section>
      <Facts of={[
        [say("state"), <State key="s" group="hold_state" word={hold.state} />],
        [say("amount"), <Money key="m" fen={hold.amount_fen} />], [say("project"), project], [say("work.since"), <At key="h" at={hold.held_at} />],
        [say("holds.found"), hold.reason], [say("decided_by"), hold.decided_by && person(hold.decided_by)], [say("decided_at"), hold.decided_at && <At key="d" at={hold.decided_at} />],
      ]} />
      <section className="section"><h3>{say("work.the_gift")}</h3><GiftFacts gift={hold.gift} /></section>
      {read.data && (
        <section className="section">
          <h3>{say("history")}</h3>
          <ol style={{ display: "grid", gap: 4 }}>{read.data.trail.map((fact) => <li key={fact.place}><At at={fact.at} /> <FactKind kind={fact.kind} /></li>)}</ol>
        </section>
      )}
    </Panel>
  );
}

function ManyPanel({ holds, state, close }: { holds: Hold[]; state: string; close: () => void }) {
  const say = useSay();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const acts = <Decide effect={say(state === "kept" ? "holds.kept_effect" : "holds.effect")} choices={decisions(say, holds.map((hold) => hold.gift), state, (count) => void message.warning(say("holds.left", { count })))} after={after} />;
  return (
    <Panel title={say("holds.picked", { count: holds.length })} close={close} acts={acts}>
      <Money fen={sum(holds.map((hold) => hold.amount_fen))} large />
      <ul>{holds.map((hold) => <li key={hold.gift}>{say(`signal.${hold.signal}`)} · <Money fen={hold.amount_fen} /></li>)}</ul>
    </Panel>
  );
}
