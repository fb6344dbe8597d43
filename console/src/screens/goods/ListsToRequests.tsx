import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Input, InputNumber } from "antd";
import { useState } from "react";
import { Act, Facts, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { useSay } from "../../words";
import { type NeedsRequested, type Priority, type ToAsk, answerNeed, requestNeeds } from "./more";

const PRIORITIES = ["urgent", "high", "normal"] as const satisfies Priority[];
/** Questions on the screen at once; the others follow as these are answered. */
const SHOWN = 50;

/** Imported lists of needs become requests, each line once; what cannot is told, and how many is asked. */
export function ListsToRequests({ unit, close }: { unit: string; close: () => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [done, setDone] = useState<NeedsRequested | null>(null);
  const [answered, setAnswered] = useState<string[]>([]);
  const fields: Field[] = [
    { name: "priority", kind: "choice", label: say("needs.priority"), options: PRIORITIES.map((value) => ({ value, label: say(`needs.priority.${value}`) })) },
    { name: "unit_word", label: say("needs.unit_word"), optional: true, hint: say("needs.unit_word_hint"), chars: 8 },
  ];
  const submit = async (entered: { priority: Priority; unit_word?: string }) => {
    const unit_word = entered.unit_word?.trim();
    setAnswered([]);
    setDone(await requestNeeds(unit, { priority: entered.priority, ...(unit_word ? { unit_word } : {}) }));
  };
  const again = () => void queries.invalidateQueries();
  const open = (done?.to_ask ?? []).filter((ask) => !answered.includes(ask.line));
  return (
    <Panel title={say("needs.turn")} close={close}>
      <QuickForm<{ priority: Priority; unit_word?: string }> fields={fields} initial={{ priority: "normal" }} effect={say("needs.turn_effect")} button={say("needs.turn")} done={say("saved")} submit={submit} after={again} cancel={close} />
      {done && (
        <section className="section" data-turned aria-live="polite">
          <Facts of={[
            [say("needs.made"), String(done.made)], [say("needs.receivers_new"), String(done.receivers_new)], [say("needs.left"), done.left > 0 && String(done.left)],
            [say("needs.not_given"), String(done.not_given)], [say("needs.without_unit"), String(done.without_unit)],
          ]} />
          <Told title={say("needs.unmapped")} of={done.unmapped} />
          {Object.keys(done.unmapped).length > 0 && <p><Link to="/goods-texts" search={{ unit, kind: "needs" }}>{say("texts.title")}</Link></p>}
          <Told title={say("needs.unknown_units")} of={done.unknown_units} />
        </section>
      )}
      {open.length > 0 && (
        <section className="section">
          <h3>{say("needs.to_ask", { count: open.length })}</h3>
          <ul style={{ display: "grid", gap: 12 }}>{open.slice(0, SHOWN).map((ask) => <li key={ask.line}><Question ask={ask} answered={() => { setAnswered((all) => [...all, ask.line]); again(); }} /></li>)}</ul>
        </section>
      )}
    </Panel>
  );
}

function Told({ title, of }: { title: string; of: Record<string, number> }) {
  const all = Object.entries(of);
  if (all.length === 0) return null;
  return <><h3>{title}</h3><p>{all.map(([words, lines]) => `${words} × ${lines}`).join("、")}</p></>;
}

/** How many does this hospital need? Its list did not say. */
function Question({ ask, answered }: { ask: ToAsk; answered: () => void }) {
  const say = useSay();
  const [quantity, setQuantity] = useState<number | null>(null);
  const [unitWord, setUnitWord] = useState(ask.base_unit);
  const [fault, setFault] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const send = async () => {
    if (!quantity) return;
    setBusy(true);
    setFault(null);
    try {
      await answerNeed(ask.line, { quantity, unit_word: unitWord.trim() });
      answered();
    } catch (error) {
      setFault(error);
    } finally {
      setBusy(false);
    }
  };
  const label = `${ask.receiver} ${ask.words}`;
  return (
    <>
      <div>{ask.receiver} <span className="mute">{ask.place}</span> · {ask.words}</div>
      <div className="buttons">
        <InputNumber aria-label={`${say("stock.quantity")} ${label}`} min={1} precision={0} value={quantity} onChange={setQuantity} />
        <Input aria-label={`${say("lots.unit_word")} ${label}`} style={{ width: 72 }} maxLength={8} value={unitWord} onChange={(event) => setUnitWord(event.target.value)} />
        <Act loading={busy} disabled={!quantity || !unitWord.trim()} onClick={() => void send()}>{say("needs.answer")}</Act>
      </div>
      {fault != null && <Trouble error={fault} />}
    </>
  );
}
