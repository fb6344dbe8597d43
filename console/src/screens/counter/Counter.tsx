import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Alert, AutoComplete, Button, Checkbox, Collapse, Form, Input, Radio, Select, TimePicker } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { type Shape, api, take } from "../../api/client";
import { draftOf, dropDraft, keepDraft } from "../../lib/draft";
import { freshKey } from "../../lib/key";
import { load, save } from "../../lib/stored";
import { Act, Money, Screen, Trouble } from "../../ui/basics";
import { DayInput, MoneyField, useRefusal } from "../../ui/forms";
import { asOptions, useAccounts, useProjects } from "../../ui/lists";
import { useSay } from "../../words";
import { type Entry, bodyOf } from "./entry";

const DRAFT = "counter";
/** The last account and project: the next gift at the counter is like the last. */
const LAST = "counter.last";
const CASH = "cash";
const GENERAL = "general";
const WISHES = ["wanted", "waived", "pending"] as const;
type Last = { account: string; project: string };
type Done = { answer: Shape["EnteredOut"]; fen: number; name: string; key: string; byBank: boolean };
/** The number is given a moment after the gift. */
const NUMBER_MS = 1_000;

const begin = (): Entry => ({ key: freshKey("counter"), ...(load<Last>(LAST) ?? { account: CASH, project: GENERAL }), receipt: "pending" });

/** A gift at the counter: the amount first, Enter sends, and the certificate is one key away. */
export function Counter() {
  const say = useSay();
  const [done, setDone] = useState<Done | null>(null);
  return (
    <Screen title={say("counter.title")} lead={say("counter.lead")}>
      <div style={{ display: "grid", gap: 18, maxWidth: 620 }}>
        {done && <Received done={done} />}
        <section className="card" key={done?.answer.gift ?? "first"}><EntryForm entered={setDone} /></section>
      </div>
    </Screen>
  );
}

function Received({ done }: { done: Done }) {
  const say = useSay();
  const { answer } = done;
  const number = useQuery({
    queryKey: ["certificate", answer.certificate], enabled: answer.outcome !== "held",
    queryFn: () => take(api.GET("/api/v1/certificates/{certificate}", { params: { path: { certificate: answer.certificate ?? "" } } })),
    refetchInterval: (read) => (read.state.data?.number ? false : NUMBER_MS),
  });
  const why = done.byBank ? say("counter.print_bank") : number.data?.number ? null : say("counter.print_soon");
  if (answer.outcome === "held") {
    return <Alert type="warning" showIcon title={say("counter.held")} description={say("counter.held_hint")} action={<Link to="/work">{say("work.title")}</Link>} />;
  }
  const words = answer.outcome === "known" ? say("counter.known") : say("counter.recorded");
  return (
    <section className="card" aria-live="polite" data-received={answer.gift}>
      <h2 style={{ fontSize: 16, marginBottom: 6 }}>{words}</h2>
      <p><Money fen={done.fen} large /> {done.name}</p>
      <p className="mute code">{answer.gift}</p>
      <p style={{ display: "flex", gap: 8, marginTop: 12, flexWrap: "wrap" }}>
        <Act type="primary" why={why} {...(why ? {} : { href: `/api/v1/gifts/${answer.gift}/paper?${new URLSearchParams({ key: done.key })}`, target: "_blank" })}>{say("counter.print")}</Act>
        <Button href={`/v/${answer.certificate}`} target="_blank">{say("counter.proof")}</Button>
        <Link to="/gifts" search={{ gift: answer.gift }}><Button>{say("gifts.open")}</Button></Link>
      </p>
    </section>
  );
}

function EntryForm({ entered }: { entered: (done: Done) => void }) {
  const say = useSay();
  const queries = useQueryClient();
  const [form] = Form.useForm<Entry>();
  const refusal = useRefusal(form);
  const [kept] = useState(() => draftOf<Entry>(DRAFT, new Date()));
  const [first] = useState<Entry>(() => kept ?? begin());
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const account = Form.useWatch("account", form) ?? first.account;
  const isBank = useAccounts()?.some((one) => one.code === account && one.channel === "bank") ?? account !== CASH;
  const send = async (typed: Entry) => {
    const entry = { ...first, ...typed, amount_fen: typed.amount_fen ?? 0 };
    setBusy(true);
    setError(null);
    try {
      const answer = await take(api.POST("/api/v1/gifts", { body: bodyOf(entry) }));
      save(LAST, { account: entry.account, project: entry.project });
      dropDraft(DRAFT);
      entered({ answer, fen: entry.amount_fen, name: entry.name ?? "", key: entry.key, byBank: Boolean(entry.bank_no?.trim()) });
      await queries.invalidateQueries({ queryKey: ["gifts"] });
    } catch (problem) {
      setError(refusal(problem));
      setBusy(false);
    }
  };
  const isMeaningful = (entry: Entry) => Boolean(entry.amount_fen || entry.name || entry.phone || entry.on_behalf_of);
  return (
    <Form<Entry>
      form={form} layout="vertical" initialValues={first} requiredMark={false} onFinish={(typed) => void send(typed)}
      onValuesChange={(_, all) => (isMeaningful(all) ? keepDraft(DRAFT, { ...first, ...all }, new Date()) : dropDraft(DRAFT))}
      onKeyDown={(event) => (event.ctrlKey || event.metaKey) && event.key === "Enter" && form.submit()}
    >
      {kept && (
        <Alert type="info" style={{ marginBottom: 14 }} title={say("counter.draft")}
          action={<Button size="small" onClick={() => { dropDraft(DRAFT); form.setFieldsValue({ ...begin(), amount_fen: undefined, name: "", phone: "", on_behalf_of: "", memo: "", bank_no: "" } as never); }}>{say("counter.draft_drop")}</Button>} />
      )}
      <Essentials />
      {isBank && <Form.Item name="bank_no" label={say("counter.bank_no")} extra={say("counter.bank_no_hint")}><Input autoComplete="off" /></Form.Item>}
      <Form.Item name="receipt" label={say("counter.receipt")}>
        <Radio.Group optionType="button" options={WISHES.map((value) => ({ value, label: say(`receipt.${value}`) }))} />
      </Form.Item>
      <More />
      {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
      <Button type="primary" htmlType="submit" size="large" loading={busy}>{say("counter.record")}</Button>
      <span className="hint" style={{ marginLeft: 12 }}><kbd>Enter</kbd></span>
    </Form>
  );
}

function Essentials() {
  const say = useSay();
  const accounts = useAccounts();
  const projects = useProjects()?.filter((project) => project.state === "open");
  const required = [{ required: true, message: say("form.required") }];
  const coded = (all: { code: string; title?: string; name?: string }[] | null | undefined, label: string) =>
    all ? <Select showSearch={{ optionFilterProp: "label" }} options={asOptions(all)} aria-label={label} /> : <AutoComplete aria-label={label} />;
  return (
    <>
      <MoneyField name="amount_fen" label={say("counter.amount")} large autoFocus />
      <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(220px, 1fr))", columnGap: 14 }}>
        <Form.Item name="name" label={say("counter.name")}><Input autoComplete="off" maxLength={60} /></Form.Item>
        <Form.Item name="phone" label={say("counter.phone")}><Input autoComplete="off" inputMode="tel" maxLength={20} /></Form.Item>
        <Form.Item name="project" label={say("project")} rules={required}>{coded(projects, say("project"))}</Form.Item>
        <Form.Item name="account" label={say("counter.account")} rules={required}>{coded(accounts?.filter((one) => !one.closed_at), say("counter.account"))}</Form.Item>
      </div>
      <Form.Item name="anonymous" valuePropName="checked"><Checkbox>{say("counter.anonymous")}</Checkbox></Form.Item>
    </>
  );
}

function More() {
  const say = useSay();
  const fields = (
    <div style={{ display: "grid", gridTemplateColumns: "repeat(auto-fit, minmax(220px, 1fr))", columnGap: 14 }}>
      <Form.Item name="on_behalf_of" label={say("counter.on_behalf_of")}><Input autoComplete="off" maxLength={60} /></Form.Item>
      <Form.Item name="memo" label={say("counter.memo")}><Input autoComplete="off" maxLength={200} /></Form.Item>
      <Form.Item name="day" label={say("counter.day")} extra={say("counter.day_hint")}><DayInput /></Form.Item>
      <Form.Item name="time" label={say("counter.time")} getValueProps={(value: string | undefined) => ({ value: value ? dayjs(value, "HH:mm") : null })} normalize={(value: dayjs.Dayjs | null) => value?.format("HH:mm")}>
        <TimePicker format="HH:mm" style={{ width: "100%" }} />
      </Form.Item>
    </div>
  );
  return <Collapse ghost size="small" style={{ marginLeft: -12, marginBottom: 10 }} items={[{ key: "more", label: say("counter.more"), children: fields }]} />;
}
