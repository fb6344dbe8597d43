import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Segmented } from "antd";
import { useState } from "react";
import { type Alert, CONDITIONS, THING_KINDS, type Rule, type ThingKind, type Watched, alerts, endRule, noteWatched, rules, setRule, unwatch, watch, watched } from "../../api/supervision";
import { useMay } from "../../api/session";
import { At, Empty, FactKind, Facts, Money, Screen, Trouble } from "../../ui/basics";
import { Decide } from "../../ui/Decide";
import { ListTable } from "../../ui/ListTable";
import { PROJECTS, useProjects } from "../../ui/lists";
import { Panel } from "../../ui/Panel";
import { usePages } from "../../ui/pages";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay, useWord } from "../../words";
import { type EnteredRule, conditionFrom, sentence } from "./condition";
import { NOTE_CHARS_MAX, seenChoice } from "./seen";

const SHEETS = ["alerts", "rules", "watched"] as const;
type Sheet = (typeof SHEETS)[number];
const KEY = ["supervision"] as const;
const TITLE_CHARS_MAX = 80;
const PERCENT_MAX = 1_000;
/** A public id: 26 letters of base32. */
const ID = /^[a-z2-7]{26}$/;

/** A supervisor's own eyes: what her rules raised, the rules, and the things on her list. Nobody else sees any of it. */
export function Supervision() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/supervision" });
  const navigate = useNavigate({ from: "/supervision" });
  const sheet: Sheet = SHEETS.find((one) => one === search.sheet) ?? "alerts";
  return (
    <Screen title={say("supervision.title")} lead={say("supervision.lead")}>
      <div className="bar"><Segmented value={sheet} options={SHEETS.map((value) => ({ value, label: say(`supervision.sheet.${value}`) }))} onChange={(value) => void navigate({ search: { sheet: value } })} /></div>
      {sheet === "alerts" ? <Alerts seen={search.state === "seen"} /> : sheet === "rules" ? <Rules /> : <List />}
    </Screen>
  );
}

function Alerts({ seen }: { seen: boolean }) {
  const say = useSay();
  const units = useUnits();
  const queries = useQueryClient();
  const navigate = useNavigate({ from: "/supervision" });
  const [open, setOpen] = useState<Alert | null>(null);
  const state = seen ? "seen" : "unseen";
  const pages = usePages<Alert>([...KEY, "alerts", state], (page) => alerts(state, page), { live: true });
  const columns = [
    { key: "at", title: say("supervision.happened_at"), cell: (one: Alert) => <At at={one.happened_at} /> },
    { key: "title", title: say("supervision.rule"), cell: (one: Alert) => one.title },
    { key: "amount", title: say("amount"), right: true, cell: (one: Alert) => (one.amount_fen === null ? "" : <Money fen={one.amount_fen} />) },
    { key: "unit", title: say("unit"), cell: (one: Alert) => units.name(one.unit) },
    { key: "kind", title: say("trail.kind"), cell: (one: Alert) => <FactKind kind={one.fact_kind} /> },
  ];
  const after = () => {
    setOpen(null);
    void queries.invalidateQueries();
  };
  return (
    <>
      <div className="bar"><Segmented value={state} options={(["unseen", "seen"] as const).map((value) => ({ value, label: say(`supervision.state.${value}`) }))} onChange={(value) => { setOpen(null); void navigate({ search: { sheet: "alerts", ...(value === "seen" ? { state: value } : {}) } }); }} /></div>
      <div className={open ? "split open" : "split"}>
        <ListTable<Alert> name="watch-alerts" columns={columns} pages={pages} rowKey={(one) => one.id} open={setOpen} opened={open?.id} empty={<Empty title={say("supervision.no_alerts")}>{say("supervision.no_alerts_hint")}</Empty>} />
        {open && (
          <Panel key={open.id} title={open.title} close={() => setOpen(null)} acts={<Decide effect={say("supervision.seen_effect")} choices={[seenChoice(say, open)]} after={after} />}>
            <AlertFacts alert={open} />
          </Panel>
        )}
      </div>
    </>
  );
}

function AlertFacts({ alert }: { alert: Alert }) {
  const say = useSay();
  const units = useUnits();
  return (
    <Facts of={[
      [say("supervision.happened_at"), <At key="t" at={alert.happened_at} />],
      [say("amount"), alert.amount_fen !== null && <Money key="m" fen={alert.amount_fen} large />],
      [say("unit"), units.name(alert.unit)],
      [say("trail.kind"), <FactKind key="k" kind={alert.fact_kind} coded />],
      [say("supervision.rows"), <Link key="l" to="/trail" search={{ subject: alert.subject }}>{say("supervision.open_rows")}</Link>],
      [say("supervision.seen_at"), alert.seen_at && <At key="s" at={alert.seen_at} />],
      [say("supervision.note"), alert.note],
    ]} />
  );
}

function Rules() {
  const say = useSay();
  const units = useUnits();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState<Rule | null>(null);
  const read = useQuery({ queryKey: [...KEY, "rules"], queryFn: rules });
  const after = () => {
    setAdding(false);
    setOpen(null);
    void queries.invalidateQueries({ queryKey: KEY });
  };
  const all = read.data?.items ?? [];
  return (
    <div className={open || adding ? "split open" : "split"}>
      <div>
        <p><Button type="primary" onClick={() => { setOpen(null); setAdding(true); }}>{say("supervision.add_rule")}</Button></p>
        {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
        {read.data && all.length === 0 && <Empty title={say("supervision.no_rules")}>{say("supervision.no_rules_hint")}</Empty>}
        <ul className="stack" data-rules>{all.map((rule) => (
          <li key={rule.id} className="card">
            <Button type="link" onClick={() => { setAdding(false); setOpen(rule); }}>{rule.title}</Button> <span className="mute">{units.name(rule.unit)}{rule.ended_at ? ` · ${say("supervision.ended")}` : ""}</span>
            <p>{sentence(say, rule.condition)}</p>
          </li>
        ))}</ul>
      </div>
      {adding && <Panel title={say("supervision.add_rule")} close={() => setAdding(false)}><RuleForm after={after} cancel={() => setAdding(false)} /></Panel>}
      {open && (
        <Panel key={open.id} title={open.title} close={() => setOpen(null)} acts={!open.ended_at && <Decide effect={say("supervision.end_effect")} choices={[{ key: "end", label: say("supervision.end_rule"), look: "danger", done: say("saved"), run: () => endRule(open.id) }]} after={after} />}>
          <Facts of={[
            [say("unit"), units.name(open.unit)], [say("supervision.condition"), sentence(say, open.condition)],
            [say("supervision.since"), <At key="s" at={open.created_at} />], [say("supervision.ended"), open.ended_at && <At key="e" at={open.ended_at} />],
          ]} />
        </Panel>
      )}
    </div>
  );
}

function RuleForm({ after, cancel }: { after: () => void; cancel: () => void }) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const may = useMay();
  const projects = useProjects();
  const fields = (entered: Partial<EnteredRule>): Field[] => {
    const { kind } = entered;
    const sum: Field = { name: "over_fen", kind: "money", label: say("supervision.over") };
    const when: Field = { name: "when", kind: "choice", label: say("supervision.when"), options: (["requested", "approved"] as const).map((value) => ({ value, label: say(`supervision.when.${value}`) })) };
    const options = PROJECTS.some(may) ? (projects ?? []).map((one) => ({ value: one.id, label: one.title })) : [];
    const own: Record<EnteredRule["kind"], Field[]> = {
      refund_over: [sum, when], payout_over: [sum, when], expenditure_over: [sum],
      spending_share: [{ name: "over_percent", kind: "count", label: say("supervision.over_percent"), max: PERCENT_MAX }, ...(options.length > 0 ? [{ name: "project", kind: "choice" as const, label: say("project"), hint: say("supervision.any_project"), optional: true, options }] : [])],
      goods_out_of_hours: [
        { name: "from_hour", kind: "count", label: say("supervision.from_hour"), max: 23 }, { name: "to_hour", kind: "count", label: say("supervision.to_hour"), max: 24, hint: say("supervision.hours_hint") },
        { name: "item", label: say("supervision.item"), hint: say("supervision.item_hint"), optional: true, wrong: (text) => (ID.test(text.trim()) ? null : say("supervision.id_wrong")) },
      ],
      journal_reversed: [], goods_breach: [], watched: [],
    };
    return [
      { name: "kind", kind: "choice", label: say("supervision.condition"), options: CONDITIONS.map((value) => ({ value, label: say(`supervision.condition.${value}`) })) },
      ...(kind ? own[kind] : []),
      { name: "unit", kind: "choice", label: say("unit"), hint: say("supervision.unit_hint"), options: units.options },
      { name: "title", label: say("supervision.rule_title"), chars: TITLE_CHARS_MAX },
    ];
  };
  return (
    <QuickForm<EnteredRule>
      draft="watch.rule" fields={fields} initial={{ kind: "refund_over", when: "approved", from_hour: 8, to_hour: 18, ...(own ? { unit: own.id } : {}) }}
      effect={say("supervision.rule_effect")} button={say("save")} done={say("saved")} after={after} cancel={cancel}
      submit={(entered) => setRule(entered.unit, entered.title, conditionFrom(entered))}
    />
  );
}

function List() {
  const say = useSay();
  const name = useWord();
  const queries = useQueryClient();
  const [adding, setAdding] = useState(false);
  const [open, setOpen] = useState<Watched | null>(null);
  const read = useQuery({ queryKey: [...KEY, "watched"], queryFn: watched });
  const after = () => {
    setAdding(false);
    setOpen(null);
    void queries.invalidateQueries({ queryKey: KEY });
  };
  const all = read.data?.items ?? [];
  const title = (one: Watched) => one.name || `${name("supervision.kind", one.kind)} ${one.thing.slice(0, 8)}`;
  return (
    <div className={open || adding ? "split open" : "split"}>
      <div>
        <p><Button type="primary" onClick={() => { setOpen(null); setAdding(true); }}>{say("supervision.add_thing")}</Button></p>
        {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
        {read.data && all.length === 0 && <Empty title={say("supervision.no_things")}>{say("supervision.no_things_hint")}</Empty>}
        <ul className="stack" data-watched>{all.map((one) => (
          <li key={one.id} className="card">
            <Button type="link" onClick={() => { setAdding(false); setOpen(one); }}>{title(one)}</Button> <span className="mute">{name("supervision.kind", one.kind)}</span>
            {one.note && <p>{one.note}</p>}
          </li>
        ))}</ul>
      </div>
      {adding && <Panel title={say("supervision.add_thing")} close={() => setAdding(false)}><ThingForm after={after} cancel={() => setAdding(false)} /></Panel>}
      {open && (
        <Panel key={open.id} title={title(open)} close={() => setOpen(null)} acts={<Decide choices={[{ key: "off", label: say("supervision.take_off"), done: say("saved"), run: () => unwatch(open.id) }]} after={after} />}>
          <Facts of={[
            [say("supervision.kind"), name("supervision.kind", open.kind)],
            [say("supervision.rows"), <Link key="l" to="/trail" search={{ subject: open.thing }}>{say("supervision.open_rows")}</Link>],
            [say("supervision.since"), <At key="s" at={open.created_at} />],
          ]} />
          <QuickForm<{ note: string }> fields={[{ name: "note", kind: "area", label: say("supervision.note"), optional: true, chars: NOTE_CHARS_MAX }]} initial={{ note: open.note }} button={say("save")} done={say("saved")} after={after} submit={({ note }) => noteWatched(open.id, note ?? "")} />
        </Panel>
      )}
    </div>
  );
}

type EnteredThing = { kind: ThingKind; thing: string; note?: string };

function ThingForm({ after, cancel }: { after: () => void; cancel: () => void }) {
  const say = useSay();
  const units = useUnits();
  const may = useMay();
  const projects = useProjects();
  const fields = (entered: Partial<EnteredThing>): Field[] => {
    const known = PROJECTS.some(may) ? (projects ?? []).map((one) => ({ value: one.id, label: one.title })) : [];
    const thing: Field = entered.kind === "unit" ? { name: "thing", kind: "choice", label: say("unit"), options: units.options }
      : entered.kind === "project" && known.length > 0 ? { name: "thing", kind: "choice", label: say("project"), options: known }
        : { name: "thing", label: say("supervision.thing"), hint: say("supervision.thing_hint"), wrong: (text) => (ID.test(text.trim()) ? null : say("supervision.id_wrong")) };
    return [
      { name: "kind", kind: "choice", label: say("supervision.kind"), options: THING_KINDS.map((value) => ({ value, label: say(`supervision.kind.${value}`) })) },
      thing, { name: "note", kind: "area", label: say("supervision.note"), optional: true, chars: NOTE_CHARS_MAX },
    ];
  };
  return (
    <QuickForm<EnteredThing>
      fields={fields} initial={{ kind: "project" }} effect={say("supervision.private")} button={say("save")} done={say("saved")} after={after} cancel={cancel}
      submit={({ kind, thing, note }) => watch(kind, thing.trim(), note ?? "")}
    />
  );
}
