import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { Alert, App, Button, Select } from "antd";
import { useState } from "react";
import { DUTY, type NewShift, type Roster as Sheet, type Shift, addShifts, cancelShift, copyWeek, roster, swapShifts } from "../../api/duty";
import { asProblem } from "../../api/problem";
import { useMay } from "../../api/session";
import { whileHere } from "../../lib/awake";
import { dayOf, moment } from "../../lib/time";
import { Act, Empty, Screen, Trouble, problemWords } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { useHome } from "../goods/useHome";
import { Called } from "./ReportPanel";
import { dayAfter, mondayOf, spanWords } from "./week";

const WEEK_DAYS = 7;
const FRESH_MS = 60_000;
const HOUR = /^([01]\d|2[0-3]):[0-5]\d$/;
type Entered = { day: string; days?: number; from: string; to: string; name: string; phone: string };

/** The roster of a unit, a week at a time: who is on, where nobody is, where two are. */
export function Roster() {
  const say = useSay();
  const may = useMay();
  const queries = useQueryClient();
  const { message } = App.useApp();
  const search = useSearch({ from: "/known/shell/roster" });
  const navigate = useNavigate({ from: "/roster" });
  const { unit, options } = useHome(search.unit);
  const [isAdding, setAdding] = useState(false);
  const [copying, setCopying] = useState(false);
  const today = dayOf(new Date());
  const from = search.from ?? mondayOf(today);
  const read = useQuery({ queryKey: [...DUTY, "roster", unit, from], enabled: unit !== "", queryFn: () => roster(unit, from, WEEK_DAYS), refetchInterval: whileHere(FRESH_MS) });
  const set = (change: Partial<typeof search>) => void navigate({ search: { ...search, shift: undefined, ...change } });
  const sheet = read.data;
  const opened = sheet?.shifts.find((shift) => shift.id === search.shift);
  const why = may("duty_manage") ? null : say("may_not", { permission: say("permission.duty_manage") });
  const copy = async () => {
    setCopying(true);
    try {
      const filled = await copyWeek(unit, from);
      message.success(say("roster.copied", { count: filled.shifts.length }));
      await queries.invalidateQueries({ queryKey: DUTY });
    } catch (error) {
      message.error(problemWords(asProblem(error), say).title);
    } finally {
      setCopying(false);
    }
  };
  const acts = unit !== "" && (
    <>
      <Act why={why} loading={copying} onClick={() => void copy()}>{say("roster.copy")}</Act>
      <Act type="primary" why={why} onClick={() => { set({}); setAdding(true); }}>{say("roster.add")}</Act>
    </>
  );
  const on = sheet?.shifts.filter((shift) => sheet.on_now.includes(shift.id)) ?? [];
  return (
    <Screen title={say("roster.title")} lead={sheet && (on.length > 0 ? say("roster.lead_on", { who: on.map((shift) => `${shift.masked_name} ${shift.masked_phone}`).join("、") }) : say("roster.lead"))} acts={acts}>
      <div className="bar">
        <Select style={{ minWidth: 220 }} aria-label={say("unit")} value={unit} options={options} onChange={(chosen) => set({ unit: chosen })} />
        <Button onClick={() => set({ from: dayAfter(from, -WEEK_DAYS) })}>{say("roster.week_before")}</Button>
        <Button onClick={() => set({ from: undefined })}>{say("roster.this_week")}</Button>
        <Button onClick={() => set({ from: dayAfter(from, WEEK_DAYS) })}>{say("roster.week_after")}</Button>
      </div>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {sheet && <Faults sheet={sheet} />}
      <div className={opened || isAdding ? "split open" : "split"}>
        <div className="cards">
          {sheet && Array.from({ length: WEEK_DAYS }, (_, at) => dayAfter(from, at)).map((day) => (
            <Day key={day} day={day} sheet={sheet} opened={search.shift} open={(shift) => { setAdding(false); set({ shift }); }} />
          ))}
          {sheet && sheet.shifts.length === 0 && <div className="card"><Empty title={say("roster.none")}>{say("roster.none_hint")}</Empty></div>}
        </div>
        {isAdding && <Adding unit={unit} day={from < today && today < dayAfter(from, WEEK_DAYS) ? today : from} close={() => setAdding(false)} />}
        {!isAdding && opened && sheet && <ShiftPanel key={opened.id} shift={opened} sheet={sheet} close={() => set({})} />}
      </div>
    </Screen>
  );
}

/** Where nobody is on, and where two are. */
function Faults({ sheet }: { sheet: Sheet }) {
  const say = useSay();
  const named = (id: string) => sheet.shifts.find((shift) => shift.id === id)?.masked_name ?? "";
  return (
    <>
      {sheet.shifts.length > 0 && sheet.gaps.length > 0 && <Alert type="error" showIcon style={{ marginBottom: 8 }} title={say("roster.gaps", { count: sheet.gaps.length })} description={sheet.gaps.map((gap) => spanWords(gap)).join("；")} />}
      {sheet.overlaps.length > 0 && <Alert type="warning" showIcon style={{ marginBottom: 8 }} title={say("roster.overlaps", { count: sheet.overlaps.length })} description={sheet.overlaps.map((one) => `${spanWords(one)} ${named(one.first)} / ${named(one.second)}`).join("；")} />}
    </>
  );
}

/** The shifts that begin on a day. */
function Day({ day, sheet, opened, open }: { day: string; sheet: Sheet; opened: string | undefined; open: (shift: string) => void }) {
  const say = useSay();
  const shifts = sheet.shifts.filter((shift) => dayOf(new Date(shift.from)) === day);
  if (sheet.shifts.length === 0) return null;
  return (
    <section className="pile" aria-label={day}>
      <header><h2>{day}</h2><span className="mute number">{shifts.length}</span></header>
      {shifts.length === 0 && <p className="mute">{say("roster.no_shift")}</p>}
      <ul>
        {shifts.map((shift) => (
          <li key={shift.id}>
            <button type="button" className={shift.id === opened ? "task at" : "task"} onClick={() => open(shift.id)}>
              <span className="what">{shift.masked_name} {sheet.on_now.includes(shift.id) && <span className="state good">{say("roster.on_now")}</span>}</span>
              <span className="number">{shift.masked_phone}</span>
              <span className="age">{moment(shift.from).slice(11)}–{moment(shift.to).slice(11)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** One shift: called, swapped, taken back. */
function ShiftPanel({ shift, sheet, close }: { shift: Shift; sheet: Sheet; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const isOver = new Date(shift.to) <= new Date();
  const may = useMay();
  const why = may("duty_manage") ? (isOver ? say("roster.is_over") : null) : say("may_not", { permission: say("permission.duty_manage") });
  const others = sheet.shifts.filter((one) => one.id !== shift.id && new Date(one.to) > new Date());
  const after = () => {
    close();
    void queries.invalidateQueries({ queryKey: DUTY });
  };
  const choices: Choice[] = [
    {
      key: "swap", label: say("roster.swap"), look: "primary", why: why ?? (others.length === 0 ? say("roster.nobody_else") : null), done: say("roster.swapped"),
      reasons: others.map((one) => ({ value: one.id, label: `${one.masked_name} ${spanWords(one)}` })), run: (other) => swapShifts(shift.id, other),
    },
    { key: "cancel", label: say("roster.cancel"), why, done: say("roster.cancelled"), run: () => cancelShift(shift.id) },
  ];
  return (
    <Panel title={spanWords(shift)} close={close} acts={<Decide effect={say("roster.effect")} choices={choices} after={after} />}>
      <Called shift={shift} />
    </Panel>
  );
}

/** Shifts entered: the same hours for one day or several. */
function Adding({ unit, day, close }: { unit: string; day: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const hour = (text: string) => (HOUR.test(text.trim()) ? null : say("roster.hour_wrong"));
  const fields: Field[] = [
    { name: "day", kind: "day", label: say("roster.day") },
    { name: "days", kind: "count", max: 31, label: say("roster.days"), hint: say("roster.days_hint") },
    { name: "from", label: say("roster.from"), wrong: hour, hint: say("roster.hour_hint") },
    { name: "to", label: say("roster.to"), wrong: hour, hint: say("roster.to_hint") },
    { name: "name", label: say("roster.name"), chars: 40 },
    { name: "phone", label: say("roster.phone"), chars: 20, hint: say("roster.phone_hint") },
  ];
  const shifts = ({ day: first, days, from, to, name, phone }: Entered): NewShift[] =>
    Array.from({ length: Math.max(1, days ?? 1) }, (_, at) => ({ day: dayAfter(first, at), from: from.trim(), to: to.trim(), name, phone }));
  const after = () => {
    close();
    void queries.invalidateQueries({ queryKey: DUTY });
  };
  return (
    <Panel title={say("roster.add")} close={close}>
      <QuickForm<Entered> fields={fields} initial={{ day, days: 1, from: "08:00", to: "08:00" }} button={say("roster.add")} done={say("saved")} after={after} cancel={close} submit={(entered) => addShifts(unit, shifts(entered))} />
    </Panel>
  );
}
