import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type FormOut, beginEmergency, closeForm, endEmergency } from "../../api/duty";
import { useMay } from "../../api/session";
import { moment } from "../../lib/time";
import { At, Facts } from "../../ui/basics";
import { type Choice, Decide } from "../../ui/Decide";
import { History } from "../../ui/History";
import { Panel } from "../../ui/Panel";
import { QuickForm } from "../../ui/QuickForm";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";
import { FormEditor } from "./FormEditor";
import { fieldTitle, readIn } from "./said";

/** Intervals that divide a day, from the shortest that people can keep. */
const INTERVALS = [15, 30, 60, 120, 180, 240, 360] as const;

/** A form: its version, hours and fields; changed, hurried in an emergency, closed. */
export function FormPanel({ form, close }: { form: FormOut; close: () => void }) {
  const say = useSay();
  const units = useUnits();
  const language = useLanguage();
  const may = useMay();
  const queries = useQueryClient();
  const [sheet, setSheet] = useState<"amend" | "emergency" | null>(null);
  const after = () => {
    setSheet(null);
    void queries.invalidateQueries();
  };
  if (sheet === "amend") return <FormEditor known={form} close={() => setSheet(null)} />;
  const { rhythm } = form.form;
  const hours = rhythm.kind === "daily" ? rhythm.hours.join("、") : `${rhythm.weekdays.map((day) => say(`reports.weekday.${day as 1}`)).join("、")} ${rhythm.hour}`;
  const why = may("duty_manage") ? (form.closed_at ? say("reports.is_closed") : null) : say("may_not", { permission: say("permission.duty_manage") });
  const choices: Choice[] = [
    { key: "amend", label: say("reports.amend"), look: "primary", why, open: () => setSheet("amend") },
    form.emergency
      ? { key: "end", label: say("reports.emergency_end"), why, done: say("reports.emergency_ended"), run: () => endEmergency(form.id) }
      : { key: "begin", label: say("reports.emergency_begin"), look: "danger", why, open: () => setSheet("emergency") },
    { key: "close", label: say("reports.close"), why, done: say("reports.closed"), run: () => closeForm(form.id) },
  ];
  return (
    <Panel title={readIn(form.form.title, language)} close={close} acts={sheet === "emergency" ? (
      <QuickForm<{ minutes: string; reason: string }>
        fields={[
          { name: "minutes", kind: "choice", label: say("reports.interval"), options: INTERVALS.map((value) => ({ value: String(value), label: say("reports.every", { count: value }) })) },
          { name: "reason", label: say("reason"), chars: 200 },
        ]}
        initial={{ minutes: "60" }} button={say("reports.emergency_begin")} done={say("reports.emergency_begun")} effect={say("reports.emergency_effect")} after={after} cancel={() => setSheet(null)}
        submit={({ minutes, reason }) => beginEmergency(form.id, { minutes: Number(minutes), reason })}
      />
    ) : <Decide effect={say("reports.form_effect")} choices={choices} after={after} />}>
      {form.emergency && <p className="state bad">{say("reports.emergency_runs", { count: form.emergency.minutes, at: moment(form.emergency.since), reason: form.emergency.reason })}</p>}
      <Facts of={[
        [say("reports.asks"), units.name(form.unit)], [say("reports.version"), String(form.version)], [say("reports.hours"), hours],
        [say("reports.first_day"), form.form.first_day], [say("reports.last_day"), form.form.last_day ?? ""],
        [say("reports.remind"), say("reports.minutes", { count: form.form.remind_minutes })], [say("reports.grace"), say("reports.minutes", { count: form.form.grace_minutes })],
        [say("reports.reach"), say(`reports.reach.${form.reach}`)], [say("reports.units"), form.units.map(units.name).join("、")],
        [say("reports.fields"), form.form.fields.map((field) => fieldTitle(field, language)).join("、")],
        [say("reports.closed_at"), form.closed_at && <At key="c" at={form.closed_at} />],
      ]} />
      <History of={form.id} />
    </Panel>
  );
}
