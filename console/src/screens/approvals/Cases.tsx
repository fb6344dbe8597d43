import { useNavigate, useSearch } from "@tanstack/react-router";
import { Button, Checkbox, Select } from "antd";
import type { CaseRow } from "../../api/approvals";
import { type Shape, api, takeList } from "../../api/client";
import { moment } from "../../lib/time";
import { At, Empty, Screen } from "../../ui/basics";
import { type Column, ListTable } from "../../ui/ListTable";
import { type FetchPage, usePages } from "../../ui/pages";
import { useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { CaseState, Emergency } from "./bits";
import { CasePanel } from "./CasePanel";
import { useHomes, useNames } from "./use";

const LIST = "approval-cases";
export const STATES = ["open", "sent_back", "approved", "refused", "withdrawn"] as const;

/** All cases of my units, the newest first. */
export function Cases() {
  const say = useSay();
  const search = useSearch({ from: "/known/shell/cases" });
  const navigate = useNavigate({ from: "/cases" });
  const filter = {
    ...(search.state ? { state: search.state as Shape["ApprovalCaseState"] } : {}),
    ...(search.kind ? { subject_kind: search.kind } : {}), ...(search.owing ? { owing: true } : {}),
  };
  const fetchPage: FetchPage<CaseRow> = ({ cursor, limit }) => takeList(api.GET("/api/v1/approvals", { params: { query: { ...filter, ...(search.sort ? { sort: search.sort } : {}), limit, ...(cursor ? { cursor } : {}) } } }));
  const pages = usePages<CaseRow>(["approvals", "cases", filter, search.sort ?? null], fetchPage);
  const columns = useCaseColumns(pages.rows);
  const homes = useHomes();
  const names = useNames(homes);
  const kinds = names.kinds.map((value) => ({ value, label: names.kind(value) }));
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, case: undefined, ...change } });
  const filtered = Object.keys(filter).length > 0;
  const open = (id: string | undefined) => void navigate({ search: { ...search, case: id } });
  return (
    <Screen
      title={say("approvals.cases")} lead={say("approvals.cases_lead")}
    >
      <div className="bar">
        <Select allowClear style={{ minWidth: 140 }} placeholder={say("state")} aria-label={say("state")} value={search.state ?? null} options={STATES.map((value) => ({ value, label: say(`approvals.state.${value}`) }))} onChange={(state) => set({ state: state ?? undefined })} />
        <Select allowClear showSearch={{ optionFilterProp: "label" }} style={{ minWidth: 200 }} popupMatchSelectWidth={false} placeholder={say("approvals.about")} aria-label={say("approvals.about")} value={search.kind ?? null} options={kinds} onChange={(kind) => set({ kind: kind ?? undefined })} />
        <Checkbox checked={Boolean(search.owing)} onChange={(event) => set({ owing: event.target.checked ? "1" : undefined })}>{say("approvals.owing")}</Checkbox>
        {filtered && <Button type="link" onClick={() => void navigate({ search: {} })}>{say("filter.clear")}</Button>}
      </div>
      <div className={search.case ? "split open wide" : "split"}>
        <ListTable<CaseRow>
          name={LIST} columns={columns} sort={{ at: search.sort, set: (sort) => void navigate({ search: { ...search, sort } }) }} pages={pages} rowKey={(one) => one.id} opened={search.case} open={(one) => open(one.id)}
          empty={<Empty title={say(filtered ? "approvals.none_fit" : "approvals.none")}>{filtered ? <Button onClick={() => void navigate({ search: {} })}>{say("filter.clear")}</Button> : say("approvals.none_hint")}</Empty>}
        />
        {search.case && <CasePanel key={search.case} id={search.case} close={() => open(undefined)} />}
      </div>
    </Screen>
  );
}

function useCaseColumns(rows: CaseRow[]): Column<CaseRow>[] {
  const say = useSay();
  const units = useUnits();
  const names = useNames(rows.map((one) => one.unit));
  return [
    { key: "title", title: say("approvals.one"), cell: (one) => <span className="bounded"><Emergency is={one.fast_lane} /> {one.title}</span>, text: (one) => one.title },
    { key: "state", title: say("state"), cell: (one) => <CaseState word={one.state} />, text: (one) => say(`approvals.state.${one.state}`) },
    { key: "kind", title: say("approvals.about"), cell: (one) => names.kind(one.subject_kind), text: (one) => names.kind(one.subject_kind) },
    { key: "asked_at", title: say("asked_at"), sort: { up: "oldest", down: "newest" }, cell: (one) => <At at={one.asked_at} />, text: (one) => moment(one.asked_at) },
    { key: "ended_at", title: say("approvals.ended_at"), cell: (one) => (one.ended_at ? <At at={one.ended_at} /> : ""), text: (one) => (one.ended_at ? moment(one.ended_at) : "") },
    { key: "papers_due_at", title: say("approvals.papers_due_at"), sort: { up: "due" }, cell: (one) => (one.papers_due_at ? <At at={one.papers_due_at} /> : ""), text: (one) => (one.papers_due_at ? moment(one.papers_due_at) : "") },
    { key: "unit", title: say("unit"), cell: (one) => units.name(one.unit), text: (one) => units.name(one.unit) },
    { key: "emergency", title: say("approvals.emergency"), extra: true, cell: (one) => say(one.fast_lane ? "yes" : "no"), text: (one) => say(one.fast_lane ? "yes" : "no") },
    { key: "round", title: say("approvals.round"), extra: true, right: true, cell: (one) => one.round, text: (one) => String(one.round) },
    { key: "id", title: say("approvals.number"), extra: true, cell: (one) => <span className="code">{one.id}</span>, text: (one) => one.id },
  ];
}
