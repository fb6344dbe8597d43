import { useQuery } from "@tanstack/react-query";
import { Button, Input, Radio, Select, Skeleton } from "antd";
import { type ReactNode, useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { Act, Trouble } from "../../ui/basics";
import { Panel } from "../../ui/Panel";
import { useLanguage, useSay } from "../../words";
import { choicesOf } from "./more";
import { PayLink } from "./PayLink";
import { type Said, answersOf, fits, stepAt } from "./script";

type Step = Shape["GoodsScriptStep"];
type CallOut = Shape["GoodsCallOut"];

/** A call, led by the script: one question on the screen, its answer, the next one, up to an end. */
export function CallScript({ unit, callKey, again, close }: { unit: string; callKey: string; again: () => void; close: () => void }) {
  const say = useSay();
  const english = useLanguage() === "en";
  const [said, setSaid] = useState<Said>([]);
  const [fault, setFault] = useState<unknown>(null);
  const [ended, setEnded] = useState<CallOut | null>(null);
  const [sending, setSending] = useState(false);
  const at = { params: { path: { unit } } };
  const read = useQuery({ queryKey: ["script", unit], queryFn: () => take(api.GET("/api/v1/goods/{unit}/script", at)) });
  if (!read.data) return <Panel title={say("calls.begin")} close={close}>{read.error ? <Trouble error={read.error} /> : <Skeleton active />}</Panel>;
  const { script, version } = read.data;
  const step = stepAt(script, said);
  const finish = async () => {
    setFault(null);
    setSending(true);
    try {
      setEnded(await take(api.POST("/api/v1/goods/{unit}/calls", { ...at, body: { key: callKey, version, answers: answersOf(said) } })));
    } catch (error) {
      setFault(error);
    } finally {
      setSending(false);
    }
  };
  if (ended) {
    return (
      <Panel title={say("calls.begin")} close={close} acts={<Act type="primary" onClick={again}>{say("calls.again")}</Act>}>
        {ended.outcome === "goods" && <p>{say("calls.lot")}</p>}
        {ended.outcome === "money" && <p>{say("calls.order")} <a href={`/o/${ended.order ?? ""}`} target="_blank" rel="noreferrer">/o/{ended.order}</a></p>}
        {ended.pay_link && <PayLink address={ended.pay_link} />}
        {ended.outcome === "none" && <p>{say("calls.words")}</p>}
      </Panel>
    );
  }
  const back = said.length > 0 && <Button onClick={() => setSaid(said.slice(0, -1))}>{say("calls.back")}</Button>;
  return (
    <Panel title={english && script.title_en ? script.title_en : script.title} close={close}>
      <p className="mute">{say("calls.script", { version })}</p>
      {step && <p style={{ fontSize: "1.15rem" }} aria-live="polite">{english && step.say_en ? step.say_en : step.say}</p>}
      {fault != null && <Trouble error={fault} />}
      {step?.outcome ? <div className="buttons"><Act type="primary" loading={sending} onClick={() => void finish()}>{say("calls.end")}</Act>{back}</div>
        : step && <Question key={step.key} unit={unit} step={step} english={english} back={back} answered={(value) => setSaid([...said, { step: step.key, value }])} />}
    </Panel>
  );
}

function Question({ unit, step, english, back, answered }: { unit: string; step: Step; english: boolean; back: ReactNode; answered: (value: string) => void }) {
  const say = useSay();
  const [value, setValue] = useState("");
  const choices = useQuery({ queryKey: ["choices", unit], enabled: step.kind === "item" || step.kind === "place", queryFn: () => choicesOf(unit) });
  const label = { "aria-label": say("calls.answer") };
  const send = () => fits(step.kind, value) && answered(value.trim());
  const options = step.kind === "item" ? (choices.data?.items ?? []).map((item) => ({ value: item.id, label: `${item.name} ${item.grade}`.trim() })) : (choices.data?.places ?? []).map((place) => ({ value: place.id, label: place.name }));
  const input = step.kind === "choice"
    ? <Radio.Group {...label} value={value} onChange={(event) => setValue(String(event.target.value))} style={{ display: "grid", gap: 8 }} options={(step.options ?? []).map((one) => ({ value: one.value, label: english && one.label_en ? one.label_en : one.label }))} />
    : step.kind === "item" || step.kind === "place"
      ? <Select {...label} style={{ width: "100%" }} showSearch={{ optionFilterProp: "label" }} value={value || undefined} options={options} onChange={setValue} />
      : <Input {...label} autoFocus value={value} type={step.kind === "day" ? "date" : "text"} inputMode={step.kind === "whole" ? "numeric" : step.kind === "money" ? "decimal" : step.kind === "phone" ? "tel" : "text"} maxLength={300} autoComplete="off" onChange={(event) => setValue(event.target.value)} onPressEnter={send} />;
  return (
    <>
      {choices.error && <Trouble error={choices.error} />}
      {input}
      <div className="buttons" style={{ marginTop: 12 }}><Act type="primary" disabled={!fits(step.kind, value)} onClick={send}>{say("calls.next")}</Act>{back}</div>
    </>
  );
}
