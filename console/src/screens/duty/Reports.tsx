import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, Button, Segmented, Select, Table } from "antd";
import { useState } from "react";
import { DUTY, type Row, type Table as Sheet, forms, slots, table, tableFile } from "../../api/duty";
import { useMay } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { moment } from "../../lib/time";
import { Act, At, Empty, Money, Screen, Trouble } from "../../ui/basics";
import { useUnits } from "../../ui/units";
import { useWalk } from "../../ui/useWalk";
import { useLanguage, useSay } from "../../words";
import { FormEditor } from "./FormEditor";
import { FormPanel } from "./FormPanel";
import { ReportPanel } from "./ReportPanel";
import { Said, StandingMark, fieldTitle, readIn } from "./said";

/** What comes at the hour is seen within half a minute. */
const FRESH_MS = 30_000;
const STANDINGS = ["waiting", "handed_in", "late", "missing"] as const;

/** The one table: every unit, where it stands, what it said last, who is on duty, and the sums. */
export function Reports() {
  const say = useSay();
  const language = useLanguage();
  const may = useMay();
  const units = useUnits();
  const search = useSearch({ from: "/known/shell/reports" });
  const navigate = useNavigate({ from: "/reports" });
  const [panel, setPanel] = useState<"new" | "form" | null>(null);
  const list = useQuery({ queryKey: [...DUTY, "forms"], queryFn: forms });
  const all = list.data?.items ?? [];
  const form = all.find((one) => one.id === search.form) ?? all.find((one) => !one.closed_at) ?? all[0];
  const id = form?.id ?? "";
  const hours = useQuery({ queryKey: [...DUTY, "slots", id], enabled: id !== "", queryFn: () => slots(id), refetchInterval: whileHere(FRESH_MS) });
  const wanted = { slot: search.slot, standing: search.standing, unit: search.unit };
  const read = useQuery({ queryKey: [...DUTY, "table", id, wanted], enabled: id !== "", queryFn: () => table(id, wanted), refetchInterval: whileHere(FRESH_MS) });
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, ...change } });
  const open = (row: string | undefined) => {
    setPanel(null);
    set({ row });
  };
  const sheet = read.data;
  const rows = sheet?.rows ?? [];
  const walk = useWalk({ rows, keyOf: (row: Row) => row.unit, open: (row: Row) => open(row.unit), opened: search.row });
  const opened = rows.find((row) => row.unit === search.row);
  const close = () => setPanel(null);
  const show = (which: "new" | "form") => {
    set({ row: undefined });
    setPanel(which);
  };
  const acts = (
    <>
      {form && <Button href={tableFile(id, wanted, "xlsx", language)}>{say("reports.xlsx")}</Button>}
      {form && <Button href={tableFile(id, wanted, "csv", language)}>{say("export.csv")}</Button>}
      {form && <Button onClick={() => show("form")}>{say("reports.the_form")}</Button>}
      <Act type="primary" why={may("duty_manage") ? null : say("may_not", { permission: say("permission.duty_manage") })} onClick={() => show("new")}>{say("reports.new")}</Act>
    </>
  );
  const hour = (at: string) => moment(at).slice(5);
  return (
    <Screen title={say("reports.title")} lead={sheet?.slot ? say("reports.lead", { hour: moment(sheet.slot.due_at), at: moment(sheet.as_of) }) : say("reports.lead_none")} acts={acts}>
      {(list.error ?? read.error) && <Trouble error={list.error ?? read.error} again={() => void (list.error ? list.refetch() : read.refetch())} />}
      {form?.emergency && <Alert type="error" showIcon style={{ marginBottom: 12 }} title={say("reports.emergency_runs", { count: form.emergency.minutes, at: moment(form.emergency.since), reason: form.emergency.reason })} />}
      {all.length > 0 && (
        <div className="bar">
          <Select style={{ minWidth: 220 }} aria-label={say("reports.the_form")} value={id} options={all.map((one) => ({ value: one.id, label: readIn(one.form.title, language) }))} onChange={(chosen) => set({ form: chosen, slot: undefined, row: undefined })} />
          <Select
            style={{ minWidth: 220 }} allowClear aria-label={say("reports.hour")} placeholder={say("reports.hour_now")} value={search.slot ?? null} onChange={(slot) => set({ slot: slot ?? undefined, row: undefined })}
            options={(hours.data?.items ?? []).map((one) => ({ value: one.id, label: say("reports.hour_line", { hour: hour(one.due_at), came: one.handed_in, units: one.units }) }))}
          />
          <Select style={{ minWidth: 180 }} allowClear showSearch={{ optionFilterProp: "label" }} aria-label={say("unit")} placeholder={say("reports.all_units")} value={search.unit ?? null} options={units.options} onChange={(unit) => set({ unit: unit ?? undefined })} />
        </div>
      )}
      {sheet?.slot && <Counts sheet={sheet} standing={search.standing} set={(standing) => set({ standing })} />}
      <div className={opened || panel ? "split open wide" : "split"}>
        {all.length === 0 && !list.isPending ? <div className="card"><Empty title={say("reports.none")}>{say("reports.none_hint")}</Empty></div> : (
          <div className="table picks">
            <Table<Row>
              size="small" pagination={false} scroll={{ x: "max-content" }} loading={list.isPending || (id !== "" && read.isPending)} dataSource={rows} rowKey="unit" {...walk}
              locale={{ emptyText: <Empty title={say("reports.no_rows")}>{say("reports.no_rows_hint")}</Empty> }}
              columns={[
                { key: "unit", title: say("unit"), fixed: "left", render: (_, row) => row.name },
                { key: "standing", title: say("reports.standing"), render: (_, row) => <StandingMark of={row.standing} /> },
                ...(sheet?.form.form.fields ?? []).map((field) => ({
                  key: field.key, title: fieldTitle(field, language), align: field.ask.kind === "number" || field.ask.kind === "money" ? ("right" as const) : ("left" as const),
                  render: (_: unknown, row: Row) => (row.is_nothing ? <span className="mute">{say("reports.nothing_short")}</span> : <Said ask={field.ask} value={row.answers[field.key]} />),
                })),
                { key: "at", title: say("reports.came_at"), render: (_, row) => (row.handed_in_at ? <><At at={row.handed_in_at} />{row.is_earlier && row.of && <span className="state wait">{say("reports.of_earlier", { hour: hour(row.of) })}</span>}</> : <span className="mute">–</span>) },
                { key: "on", title: say("reports.on_duty"), render: (_, row) => (row.on_duty.length > 0 ? row.on_duty.map((shift) => `${shift.masked_name} ${shift.masked_phone}`).join("、") : <span className="state bad">{say("reports.nobody_on")}</span>) },
              ]}
              summary={() => rows.length > 0 && sheet && <Sums sheet={sheet} />}
            />
          </div>
        )}
        {panel === "new" && <FormEditor known={null} close={close} />}
        {panel === "form" && form && <FormPanel key={form.id} form={form} close={close} />}
        {!panel && opened && sheet?.slot && <ReportPanel key={`${sheet.slot.id} ${opened.unit}`} slot={sheet.slot.id} row={opened} close={() => open(undefined)} />}
      </div>
      {may("duty_report") && <p style={{ marginTop: 12 }}><Link to="/hand-in">{say("reports.go_hand_in")}</Link></p>}
    </Screen>
  );
}

/** How many stand where; each is a filter. */
function Counts({ sheet, standing, set }: { sheet: Sheet; standing: string | undefined; set: (standing: string | undefined) => void }) {
  const say = useSay();
  const total = STANDINGS.reduce((sum, one) => sum + sheet.counts[one], 0);
  const options = [
    { value: "", label: say("reports.all_count", { count: total }) },
    ...STANDINGS.map((value) => ({ value: value as string, label: `${say(`reports.standing.${value}`)} ${sheet.counts[value]}` })),
  ];
  return <div className="bar"><Segmented value={standing ?? ""} options={options} onChange={(value) => set(value || undefined)} /></div>;
}

/** The sums of what is shown, as the server added them up. */
function Sums({ sheet }: { sheet: Sheet }) {
  const say = useSay();
  const { fields } = sheet.form.form;
  return (
    <Table.Summary fixed>
      <Table.Summary.Row>
        <Table.Summary.Cell index={0} colSpan={2}><b>{say("reports.sum")}</b></Table.Summary.Cell>
        {fields.map((field, at) => {
          const sum = sheet.sums[field.key];
          const shown = sum === undefined ? null : field.ask.kind === "money" ? <Money fen={sum} /> : <b className="number">{String(sum)}</b>;
          return <Table.Summary.Cell key={field.key} index={at + 2} align={sum === undefined ? "left" : "right"}>{shown}</Table.Summary.Cell>;
        })}
        <Table.Summary.Cell index={fields.length + 2} colSpan={2} />
      </Table.Summary.Row>
    </Table.Summary>
  );
}
