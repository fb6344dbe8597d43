import { useQueryClient } from "@tanstack/react-query";
import { type FormOut, amendForm, publishForm } from "../../api/duty";
import { dayOf } from "../../lib/time";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay } from "../../words";
import { type Typed, hoursOf, isKey, toSend, typedOf } from "./form";

const KINDS = ["number", "money", "text", "choice", "yes_no"] as const;
const REACHES = ["children", "all_below", "chosen"] as const;
const RHYTHMS = ["daily", "weekly"] as const;
const WEEKDAYS = ["1", "2", "3", "4", "5", "6", "7"] as const;

/** A form, written or changed: what is asked, at which hours, of whom. */
export function FormEditor({ known, close }: { known: FormOut | null; close: () => void }) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const queries = useQueryClient();
  const after = () => {
    close();
    void queries.invalidateQueries();
  };
  const options = <T extends string>(words: readonly T[], word: (one: T) => string) => words.map((value) => ({ value, label: word(value) }));
  const fields = (entered: Partial<Typed>): Field[] => [
    ...(known ? [] : [{ name: "unit", kind: "choice" as const, label: say("reports.asks"), options: units.options }]),
    { name: "title_zh", label: say("reports.form_title"), chars: 60 },
    { name: "title_en", label: say("reports.title_en"), optional: true, chars: 60 },
    { name: "rhythm", kind: "choice", label: say("reports.rhythm"), options: options(RHYTHMS, (one) => say(`reports.rhythm.${one}`)), group: say("reports.when") },
    ...(entered.rhythm === "weekly" ? [{ name: "weekdays", kind: "many" as const, label: say("reports.weekdays"), options: options(WEEKDAYS, (one) => say(`reports.weekday.${one}`)) }] : []),
    {
      name: "hours", label: say("reports.hours"), hint: say(entered.rhythm === "weekly" ? "reports.hour_hint" : "reports.hours_hint"),
      wrong: (text) => ((entered.rhythm === "weekly" ? hoursOf(text)?.length === 1 : hoursOf(text)) ? null : say("reports.hours_wrong")),
    },
    { name: "first_day", kind: "day", label: say("reports.first_day") },
    { name: "last_day", kind: "day", label: say("reports.last_day"), optional: true, hint: say("reports.last_day_hint") },
    { name: "remind_minutes", kind: "count", label: say("reports.remind"), max: 720 },
    { name: "grace_minutes", kind: "count", label: say("reports.grace"), max: 720, hint: say("reports.grace_hint") },
    { name: "reach", kind: "choice", label: say("reports.reach"), options: options(REACHES, (one) => say(`reports.reach.${one}`)), group: say("reports.who") },
    ...(entered.reach === "chosen" ? [{ name: "units", kind: "many" as const, label: say("reports.units"), options: units.options }] : []),
    {
      name: "fields", kind: "lines", label: say("reports.fields"), hint: say("reports.fields_hint"), group: say("reports.what"),
      lines: [
        { name: "title_zh", label: say("reports.field_title"), chars: 60 },
        { name: "title_en", label: say("reports.title_en"), optional: true, chars: 60 },
        { name: "kind", kind: "choice", label: say("reports.kind"), options: options(KINDS, (one) => say(`reports.kind.${one}`)) },
        { name: "unit_zh", label: say("reports.unit_word"), optional: true, chars: 10 },
        { name: "max", kind: "count", label: say("reports.max"), optional: true },
        { name: "options", kind: "area", label: say("reports.options"), optional: true },
        { name: "required", kind: "check", label: say("reports.required") },
        { name: "key", label: say("reports.key"), optional: true, hint: say("reports.key_hint"), wrong: (text) => (isKey(text) ? null : say("reports.key_wrong")) },
      ],
    },
  ];
  const fresh: Partial<Typed> = {
    ...(own ? { unit: own.id } : {}), rhythm: "daily", hours: "08:00 18:00", first_day: dayOf(new Date()), grace_minutes: 15, remind_minutes: 30, reach: "children",
    fields: [{ kind: "number", required: true }],
  };
  return (
    <Panel title={say(known ? "reports.amend" : "reports.new")} close={close}>
      <QuickForm<Typed>
        fields={fields} initial={known ? typedOf(known) : fresh} draft={known ? `report-form-${known.id}` : "report-form"} button={say(known ? "reports.publish_next" : "reports.publish")}
        done={say("reports.published")} effect={say(known ? "reports.amend_effect" : "reports.publish_effect")} after={after} cancel={close}
        submit={(typed) => (known ? amendForm(known.id, toSend(typed)) : publishForm({ unit: typed.unit ?? "", ...toSend(typed) }))}
      />
    </Panel>
  );
}
