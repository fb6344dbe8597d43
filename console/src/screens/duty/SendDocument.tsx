import { Button, Input } from "antd";
import { useState } from "react";
import { type DocumentLink, type Part, type To, handInPart, sendDocument } from "../../api/documents";
import { freshKey } from "../../lib/key";
import { instant } from "../../lib/time";
import { Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useOwnUnit, useUnits } from "../../ui/units";
import { useSay } from "../../words";

const TARGETS = ["children", "all_below", "above", "chosen"] as const;
const PARTS_MAX = 10;
const NAME_CHARS = 100;
type Entered = { unit: string; to: To; units?: string[]; title: string; body?: string; files?: Part[]; confirm_by?: string };

/** A document, written and sent: it gets its unit's next number as it leaves. */
export function SendDocument({ answers, close }: { answers: DocumentLink | null; close: () => void }) {
  const say = useSay();
  const units = useUnits();
  const own = useOwnUnit();
  const [key] = useState(() => freshKey("document"));
  const fields = (entered: Partial<Entered>): Field[] => [
    { name: "unit", kind: "choice", label: say("documents.from"), options: units.options },
    { name: "to", kind: "choice", label: say("documents.to"), options: TARGETS.map((value) => ({ value, label: say(`documents.to_${value}`) })) },
    ...(entered.to === "chosen" ? [{ name: "units", kind: "many" as const, label: say("documents.units"), options: units.options.filter((one) => one.value !== entered.unit) }] : []),
    { name: "title", label: say("documents.subject"), chars: 120 },
    { name: "body", kind: "area", label: say("documents.body"), optional: true, chars: 20_000 },
    { name: "files", kind: "own", label: say("documents.files"), optional: true, own: { input: <PartsInput unit={entered.unit ?? ""} /> }, hint: say("documents.files_hint") },
    { name: "confirm_by", kind: "day", label: say("documents.confirm_by"), optional: true, hint: say("documents.confirm_by_hint") },
  ];
  const initial: Partial<Entered> = { ...(own ? { unit: own.id } : {}), to: answers ? "above" : "children", title: answers ? say("documents.answer_title", { title: answers.title }) : "" };
  return (
    <Panel title={answers ? say("documents.answer_to", { code: answers.code }) : say("documents.new")} close={close}>
      <QuickForm<Entered>
        fields={fields} initial={initial} draft={answers ? `document-${answers.id}` : "document"} button={say("documents.send")} done={say("documents.sent")} effect={say("documents.send_effect")} after={close} cancel={close}
        submit={(entered) => sendDocument({
          key,
          unit: entered.unit, to: entered.to, units: entered.to === "chosen" ? (entered.units ?? []) : [], title: entered.title, body: entered.body ?? "", files: entered.files ?? [],
          ...(answers ? { reply_to: answers.id } : {}), ...(entered.confirm_by ? { confirm_by: instant(entered.confirm_by, "18:00") } : {}),
        })}
      />
    </Panel>
  );
}

type PartsProps = { id?: string; value?: Part[]; onChange?: (parts: Part[]) => void; unit: string };

/** Files, one by one: each goes to the house as soon as it is chosen, and is sent with the document. */
function PartsInput({ id, value, onChange, unit }: PartsProps) {
  const say = useSay();
  const [isGoing, setGoing] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const parts = value ?? [];
  const take = async (file: File | undefined) => {
    if (!file) return;
    setGoing(true);
    setError(null);
    try {
      const { sha256 } = await handInPart(unit, file);
      onChange?.([...parts.filter((part) => part.sha256 !== sha256), { name: file.name.slice(-NAME_CHARS), sha256 }]);
    } catch (problem) {
      setError(problem);
    } finally {
      setGoing(false);
    }
  };
  const set = (at: number, name: string) => onChange?.(parts.map((part, place) => (place === at ? { ...part, name } : part)));
  return (
    <div className="lines">
      {parts.map((part, at) => (
        <fieldset key={part.sha256} aria-label={say("documents.file", { number: at + 1 })}>
          <Input aria-label={say("documents.file_name")} maxLength={NAME_CHARS} value={part.name} onChange={(event) => set(at, event.target.value)} />
          <Button size="small" onClick={() => onChange?.(parts.filter((one) => one.sha256 !== part.sha256))}>{say("form.line_remove")}</Button>
        </fieldset>
      ))}
      {parts.length < PARTS_MAX && <input type="file" {...(id ? { id } : {})} accept="application/pdf,image/png,image/jpeg" disabled={isGoing || unit === ""} style={{ maxWidth: "100%" }} onChange={(event) => { void take(event.target.files?.[0]); event.target.value = ""; }} />}
      {error !== null && <Trouble error={error} />}
    </div>
  );
}
