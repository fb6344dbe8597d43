import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Button } from "antd";
import { useState } from "react";
import { DUTY, type Row, type Shift, report, revealShift } from "../../api/duty";
import { useMay } from "../../api/session";
import { moment } from "../../lib/time";
import { At, Facts, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { useLanguage, useSay } from "../../words";
import { Said, StandingMark, fieldTitle } from "./said";

/** A unit's report of one hour: every version as it was handed in, and whom to call. */
export function ReportPanel({ slot, row, close }: { slot: string; row: Row; close: () => void }) {
  const say = useSay();
  const language = useLanguage();
  const may = useMay();
  const read = useQuery({ queryKey: [...DUTY, "report", slot, row.unit], queryFn: () => report(slot, row.unit) });
  const one = read.data;
  const entries = [...(one?.entries ?? [])].reverse();
  const acts = may("duty_report") && one && !one.is_closed && (
    <Link to="/hand-in" search={{ slot, unit: row.unit }}>{say(entries.length > 0 ? "reports.correct" : "reports.for_unit")}</Link>
  );
  return (
    <Panel title={row.name} close={close} acts={acts}>
      <p><StandingMark of={row.standing} /> {one && <span className="mute">{say("reports.of_hour", { hour: moment(one.slot.due_at), late: moment(one.slot.late_at).slice(11) })}</span>}</p>
      <section className="section">
        <h3>{say("reports.on_duty")}</h3>
        {row.on_duty.length === 0 && <p className="mute">{say("reports.nobody_on")}</p>}
        {row.on_duty.map((shift) => <Called key={shift.id} shift={shift} />)}
      </section>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {one && entries.length === 0 && <p className="mute">{say("reports.nothing_yet")}</p>}
      {one && entries.map((entry) => (
        <section key={entry.version} className="section" data-version={entry.version}>
          <h3>{say("reports.version_by", { version: entry.version, by: entry.by })} <At at={entry.at} /></h3>
          {entry.reason && <p>{say("reports.why", { reason: entry.reason })}</p>}
          {entry.is_nothing ? <p>{say("reports.nothing")}</p> : <Facts of={one.form.fields.map((field) => [fieldTitle(field, language), <Said key={field.key} ask={field.ask} value={entry.answers[field.key]} />])} />}
        </section>
      ))}
    </Panel>
  );
}

/** Who is on duty, masked; opened to call, which stands in the trail. */
export function Called({ shift }: { shift: Shift }) {
  const say = useSay();
  const mine = useMay()("duty_manage");
  const [who, setWho] = useState<{ name: string; phone: string } | null>(null);
  const [error, setError] = useState<unknown>(null);
  const show = async () => {
    try {
      setError(null);
      setWho(await revealShift(shift.id, "call"));
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <div>
      {who ? <p>{who.name} <a className="number" href={`tel:${who.phone.replace(/[^\d+]/g, "")}`}>{who.phone}</a></p> : (
        <p>{shift.masked_name} <span className="number">{shift.masked_phone}</span> {mine && <Button size="small" onClick={() => void show()}>{say("roster.call")}</Button>}</p>
      )}
      {error !== null && <Trouble error={error} />}
    </div>
  );
}
