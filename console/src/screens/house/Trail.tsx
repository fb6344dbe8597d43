import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Input } from "antd";
import { useState } from "react";
import { type Fact, facts } from "../../api/trail";
import { At, Empty, FactKind, Facts, Screen } from "../../ui/basics";
import { ListTable } from "../../ui/ListTable";
import { usePersonName } from "../../ui/lists";
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
  const person = usePersonName();
  const search = useSearch({ from: "/known/shell/trail" });
  const navigate = useNavigate({ from: "/trail" });
  const [open, setOpen] = useState<Fact | null>(null);
  const filter = { kind: search.kind, subject: search.subject, actor: search.actor };
  const pages = usePages<Fact>(["facts", filter], (at) => facts(filter as Record<string, string>, at), { live: true });
  const find = (text: string) => {
    const wanted = text.trim();
    setOpen(null);
    void navigate({ search: wanted === "" ? {} : ID.test(wanted) ? { subject: wanted } : { kind: wanted } });
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
        <Input.Search data-search style={{ width: 320 }} allowClear defaultValue={search.subject ?? search.kind ?? ""} placeholder={say("trail.find")} aria-label={say("trail.find")} onSearch={find} />
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
