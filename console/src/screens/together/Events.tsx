import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { type Shape, api, takeList } from "../../api/client";
import { useMay } from "../../api/session";
import { Empty, Money, Screen, State } from "../../ui/basics";
import { ListTable } from "../../ui/ListTable";
import { useProjects } from "../../ui/lists";
import { usePages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { Coverage } from "./Coverage";
import { EventPanel } from "./EventPanel";
import { NewEvent } from "./NewEvent";
import { Sources } from "./Sources";

export type Held = Shape["EventOut"];
const SHEETS = ["events", "coverage", "sources"] as const;

/** Off-line events: what a market or a sale took in, until the bank's line makes it a gift. */
export function Events() {
  const say = useSay();
  const may = useMay();
  const units = useUnits();
  const projects = useProjects();
  const search = useSearch({ from: "/known/shell/events" });
  const navigate = useNavigate({ from: "/events" });
  const [making, setMaking] = useState(false);
  const sheet = SHEETS.find((known) => known === search.sheet) ?? "events";
  const pages = usePages<Held>(["events"], ({ cursor, limit }) => takeList(api.GET("/api/v1/events", { params: { query: { limit, ...(cursor ? { cursor } : {}) } } })));
  const project = (id: string) => projects?.find((one) => one.id === id)?.title ?? id;
  const show = (event: string | undefined) => {
    setMaking(false);
    void navigate({ search: { ...search, event } });
  };
  const opened = pages.rows.find((event) => event.event === search.event);
  const columns = [
    { key: "held_on", title: say("events.held_on"), cell: (event: Held) => event.held_on },
    { key: "title", title: say("title"), cell: (event: Held) => <span className="bounded">{event.title}</span> },
    { key: "kind", title: say("events.kind"), cell: (event: Held) => say(`event_kind.${event.kind}`) },
    { key: "state", title: say("state"), cell: (event: Held) => <State group="event_state" word={event.state} /> },
    { key: "counted", title: say("events.counted"), right: true, cell: (event: Held) => (typeof event.counted_fen === "number" ? <Money fen={event.counted_fen} /> : <span className="mute">–</span>) },
    { key: "project", title: say("project"), cell: (event: Held) => <span className="bounded">{project(event.project)}</span> },
    { key: "unit", title: say("unit"), cell: (event: Held) => units.name(event.unit) },
  ];
  const isOpen = opened || making;
  return (
    <Screen
      title={say("events.title")} lead={say("events.lead")}
      acts={may("project_manage") && sheet === "events" && <Button type="primary" onClick={() => { show(undefined); setMaking(true); }}>{say("events.new")}</Button>}
    >
      <div className="bar"><Segmented value={sheet} options={SHEETS.map((value) => ({ value, label: say(`events.sheet_${value}`) }))} onChange={(value) => { setMaking(false); void navigate({ search: { sheet: value } }); }} /></div>
      {sheet === "coverage" ? <Coverage /> : sheet === "sources" ? <Sources /> : (
        <div className={isOpen ? "split open" : "split"}>
          <ListTable<Held> name="events" columns={columns} pages={pages} rowKey={(event) => event.event} open={(event) => show(event.event)} opened={search.event} empty={<Empty title={say("events.none")}>{say("events.none_hint")}</Empty>} />
          {making && <NewEvent close={() => setMaking(false)} made={show} />}
          {opened && !making && <EventPanel key={opened.event} event={opened} project={project(opened.project)} close={() => show(undefined)} />}
        </div>
      )}
    </Screen>
  );
}
