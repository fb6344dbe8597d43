import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Input, Select } from "antd";
import { useState } from "react";
import { type Fact, facts } from "../../api/trail";
import { At, Empty, FactKind, Facts, Screen } from "../../ui/basics";
import { DayInput } from "../../ui/forms";
import { ListTable } from "../../ui/ListTable";
import { useColleagueNames } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";

/** A public id: 26 letters of base32. */
const ID = /^[a-z2-7]{26}$/;

/** What happened, newest first: facts, which nobody can change. Found by their kind, or by the thing or person they are about. */
export function Trail() {
  const say = useSay();
  const units = useUnits();
  const search = useSearch({ from: "/known/shell/trail" });
  const navigate = useNavigate({ from: "/trail" });
  const [open, setOpen] = useState<Fact | null>(null);
  const filter = { kind: search.kind, subject: search.subject, actor: search.actor, unit: search.unit, from: search.from, to: search.to };
  const pages = usePages<Fact>(["facts", filter], (at) => facts(filter as Record<string, string>, at), { live: true });
  const person = useColleagueNames([...pages.rows.map((fact) => fact.actor), open?.actor]);
  const set = (change: Partial<typeof search>) => {
    setOpen(null);
    void navigate({ search: { ...search, ...change } });
  };
  const filtered = Object.values(filter).some(Boolean);
  const find = (text: string) => {
    const wanted = text.trim();
    set({ kind: ID.test(wanted) ? undefined : wanted || undefined, subject: ID.test(wanted) ? wanted : undefined, actor: undefined });
  };
  const columns = [
    { key: "place", title: say("trail.place"), right: true, cell: (fact: Fact) => fact.place },
    { key: "at", title: say("trail.at"), cell: (fact: Fact) => <At at={fact.happened_at} /> },
    { key: "kind", title: say("trail.kind"), cell: (fact: Fact) => <FactKind kind={fact.kind} coded /> },
    { key: "unit", title: say("unit"), cell: (fact: Fact) => units.name(fact.unit) },
    { key: "actor", title: say("trail.actor"), cell: (fact: Fact) => (fact.actor ? <span className="code">{person(fact.actor)}</span> : <span className="mute">{say("trail.machine")}</span>) },
  ];
  return (
    <Screen title={say("trail.title")} lead={say("trail.lead")} acts={<Link to="/envelope">{say("glass.history")}</Link>}>
      <div className="bar">
        <Input.Search key={search.subject ?? search.kind ?? ""} data-search style={{ width: 320 }} allowClear defaultValue={search.subject ?? search.kind ?? ""} placeholder={say("trail.find")} aria-label={say("trail.find")} onSearch={find} />
        <Select allowClear showSearch={{ optionFilterProp: "label" }} style={{ minWidth: 200 }} placeholder={say("unit")} aria-label={say("unit")} options={units.options} value={search.unit ?? null} onChange={(unit) => set({ unit: unit ?? undefined })} />
        <div style={{ width: 132 }}><DayInput value={search.from} placeholder={say("from")} onChange={(from) => set({ from })} /></div>
        <div style={{ width: 132 }}><DayInput value={search.to} placeholder={say("to")} onChange={(to) => set({ to })} /></div>
        {filtered && <Button type="link" onClick={() => { setOpen(null); void navigate({ search: {} }); }}>{say("filter.clear")}</Button>}
      </div>
      <div className={open ? "split open" : "split"}>
        <ListTable<Fact> name="facts" columns={columns} pages={pages} rowKey={(fact) => String(fact.place)} open={setOpen} opened={open ? String(open.place) : null} empty={<Empty title={say("trail.none")} />} />
        {open && (
          <Panel key={open.place} title={<FactKind kind={open.kind} coded />} close={() => setOpen(null)}>
            <Facts of={[
              [say("trail.place"), open.place], [say("trail.at"), <At key="t" at={open.happened_at} />], [say("unit"), units.name(open.unit)],
              [say("trail.actor"), open.actor ? <Link key="a" className="code" to="/trail" search={{ actor: open.actor }}>{person(open.actor)}</Link> : say("trail.machine")],
              [say("trail.subject"), <Link key="s" className="code" to="/trail" search={{ subject: open.subject }}>{open.subject}</Link>],
            ]} />
            <section className="section"><h3>{say("trail.body")}</h3><pre className="code" style={{ whiteSpace: "pre-wrap", margin: 0 }}>{JSON.stringify(open.body, null, 2)}</pre></section>
          </Panel>
        )}
      </div>
    </Screen>
  );
}
