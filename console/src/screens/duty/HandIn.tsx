import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { App, Button, Form, Input, InputNumber, Radio, Skeleton } from "antd";
import { useEffect, useRef, useState } from "react";
import { type Answers, DUTY, type Owed, type Report, type ReportField, type Said as SaidBody, handIn, keepDraft, owed, report } from "../../api/duty";
import { draftOf, dropDraft, keepDraft as keepHere } from "../../lib/draft";
import { moment } from "../../lib/time";
import { Empty, Facts, Screen, Trouble } from "../../ui/basics";
import { MoneyInput, useRefusal } from "../../ui/forms";
import { useUnits } from "../../ui/units";
import { useLanguage, useSay } from "../../words";
import { Said, StandingMark, fieldTitle, readIn } from "./said";

/** How long after the last key what is typed goes to the server. */
const DRAFT_MS = 1_500;
const TEXT_CHARS = 2_000;
const REASON_CHARS = 200;

/** What my units owe, the earliest first; one is handed in on this page. */
export function HandIn() {
  const say = useSay();
  const units = useUnits();
  const language = useLanguage();
  const search = useSearch({ from: "/known/shell/hand-in" });
  const navigate = useNavigate({ from: "/hand-in" });
  const read = useQuery({ queryKey: [...DUTY, "owed"], queryFn: owed });
  const rows = read.data ?? [];
  const show = (one: Owed | null) => void navigate({ search: one ? { slot: one.slot.id, unit: one.unit } : {} });
  const { slot, unit } = search;
  const missing = rows.filter((one) => one.standing === "missing").length;
  return (
    <Screen title={say("hand.title")} lead={read.data && say(missing > 0 ? "hand.lead_missing" : "hand.lead", { count: rows.length, missing })}>
      {read.error && <Trouble error={read.error} again={() => void read.refetch()} />}
      {slot && unit ? <OneReport key={`${slot} ${unit}`} slot={slot} unit={unit} back={() => show(null)} /> : (
        <>
          {rows.length > 0 && (
            <ul className="phone-list">
              {rows.map((one) => (
                <li key={`${one.slot.id} ${one.unit}`}>
                  <button type="button" onClick={() => show(one)}>
                    <b>{readIn(one.title, language)}</b>
                    <span className="mute">{units.name(one.unit)} · {moment(one.slot.due_at).slice(5)}</span>
                    <StandingMark of={one.standing} />
                  </button>
                </li>
              ))}
            </ul>
          )}
          {read.isPending && <Skeleton active />}
          {read.data?.length === 0 && <div className="card"><Empty title={say("hand.none")}>{say("hand.none_hint")}</Empty></div>}
        </>
      )}
    </Screen>
  );
}

/** One report: read, then its form. */
export function OneReport({ slot, unit, back }: { slot: string; unit: string; back: () => void }) {
  const say = useSay();
  const units = useUnits();
  const language = useLanguage();
  const read = useQuery({ queryKey: [...DUTY, "report", slot, unit], queryFn: () => report(slot, unit) });
  if (read.error) return <Trouble error={read.error} again={() => void read.refetch()} />;
  if (!read.data) return <Skeleton active />;
  const one = read.data;
  return (
    <div className="card form">
      <h2>{readIn(one.form.title, language)}</h2>
      <p className="mute" style={{ margin: "4px 0 12px" }}>{say("hand.for", { unit: units.name(unit), hour: moment(one.slot.due_at), late: moment(one.slot.late_at).slice(11) })} <StandingMark of={one.standing} /></p>
      <Filled key={one.entries.length} one={one} slot={slot} unit={unit} back={back} />
    </div>
  );
}

type Entered = { answers: Record<string, unknown>; reason?: string };

/** The form itself: what is typed is kept here and on the server until it is handed in. */
function Filled({ one, slot, unit, back }: { one: Report; slot: string; unit: string; back: () => void }) {
  const say = useSay();
  const language = useLanguage();
  const { message } = App.useApp();
  const queries = useQueryClient();
  const [form] = Form.useForm<Entered>();
  const refusal = useRefusal(form);
  const [busy, setBusy] = useState<"answers" | "nothing" | null>(null);
  const [error, setError] = useState<unknown>(null);
  const last = one.entries.at(-1);
  const draft = `report-${slot}-${unit}`;
  const [initial] = useState<Entered>(() => draftOf<Entered>(draft, new Date()) ?? { answers: one.draft?.answers ?? last?.answers ?? {} });
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const [keptAt, setKeptAt] = useState<"here" | "server" | null>(null);
  useEffect(() => () => clearTimeout(timer.current), []);
  const keep = (all: Entered) => {
    keepHere(draft, all, new Date());
    setKeptAt("here");
    clearTimeout(timer.current);
    // Without a network it stays on this machine; the next key tries again.
    timer.current = setTimeout(() => void keepDraft(slot, unit, plain(all.answers)).then(() => setKeptAt("server"), () => undefined), DRAFT_MS);
  };
  const send = async (kind: "answers" | "nothing", body: SaidBody, reason: string) => {
    clearTimeout(timer.current);
    setBusy(kind);
    setError(null);
    try {
      await handIn(slot, unit, { ...body, after: last?.version ?? 0, reason });
      dropDraft(draft);
      message.success(say("hand.done"));
      await queries.invalidateQueries();
      back();
    } catch (problem) {
      setError(refusal(problem));
    } finally {
      setBusy(null);
    }
  };
  const nothing = async () => {
    const { reason } = last ? await form.validateFields(["reason"]).catch(() => ({ reason: "" })) : { reason: "" };
    if (!last || reason) await send("nothing", { nothing: true }, reason ?? "");
  };
  return (
    <Form form={form} layout="vertical" size="large" requiredMark="optional" initialValues={initial} onValuesChange={(_, all) => keep(all)} onFinish={(all) => void send("answers", { answers: plain(all.answers) as Answers }, all.reason ?? "")}>
      {last && <p className="hint">{say(last.is_nothing ? "hand.was_nothing" : "hand.was", { version: last.version, by: last.by, at: moment(last.at) })}</p>}
      {last && !last.is_nothing && <details style={{ marginBottom: 12 }}><summary>{say("hand.before")}</summary><Facts of={one.form.fields.map((field) => [fieldTitle(field, language), <Said key={field.key} ask={field.ask} value={last.answers[field.key]} />])} /></details>}
      {!last && <Button block loading={busy === "nothing"} style={{ marginBottom: 16 }} onClick={() => void nothing()}>{say("hand.nothing")}</Button>}
      {one.form.fields.map((field) => <Asked key={field.key} field={field} />)}
      {last && <Form.Item name="reason" label={say("hand.reason")} rules={[{ required: true, whitespace: true, message: say("form.required") }]}><Input maxLength={REASON_CHARS} /></Form.Item>}
      {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
      {keptAt && <p className="hint" style={{ marginBottom: 10 }} data-kept={keptAt}>{say(keptAt === "server" ? "hand.kept_server" : "hand.kept_here")}</p>}
      <div style={{ display: "grid", gap: 8 }}>
        <Button type="primary" block htmlType="submit" loading={busy === "answers"} disabled={one.is_closed}>{say(last ? "hand.correct" : "hand.send")}</Button>
        {last && !last.is_nothing && <Button block loading={busy === "nothing"} onClick={() => void nothing()}>{say("hand.correct_nothing")}</Button>}
        <Button block type="text" onClick={back}>{say("hand.back")}</Button>
      </div>
    </Form>
  );
}

/** What is sent: no empty places, no sum that is none. */
function plain(answers: Record<string, unknown> | undefined): Record<string, unknown> {
  const said = Object.entries(answers ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== "" && !Number.isNaN(value));
  return Object.fromEntries(said);
}

/** One field, large enough for a thumb. */
function Asked({ field }: { field: ReportField }) {
  const say = useSay();
  const language = useLanguage();
  const { ask } = field;
  const required = { required: field.required, message: say("form.required") };
  const item = { name: ["answers", field.key], label: fieldTitle(field, language) };
  if (ask.kind === "number") {
    return <Form.Item {...item} rules={[required]}><InputNumber style={{ width: "100%" }} inputMode="numeric" precision={0} min={ask.min ?? 0} {...(typeof ask.max === "number" ? { max: ask.max } : {})} /></Form.Item>;
  }
  if (ask.kind === "money") {
    const check = async (_: unknown, fen: number | null | undefined) => {
      if (fen === null || fen === undefined) {
        if (field.required) throw new Error(say("form.required"));
      } else if (Number.isNaN(fen)) throw new Error(say("hand.money"));
    };
    return <Form.Item {...item} required={field.required} rules={[{ validator: check }]}><MoneyInput large /></Form.Item>;
  }
  if (ask.kind === "choice") {
    const options = ask.options.map((one) => ({ value: one.key, label: readIn(one.title, language) }));
    return <Form.Item {...item} rules={[required]}><Radio.Group options={options} /></Form.Item>;
  }
  if (ask.kind === "yes_no") {
    return <Form.Item {...item} rules={[required]}><Radio.Group optionType="button" options={[{ value: true, label: say("reports.yes") }, { value: false, label: say("reports.no") }]} /></Form.Item>;
  }
  return <Form.Item {...item} rules={[required]}><Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={Math.min(ask.chars_max, TEXT_CHARS)} /></Form.Item>;
}
