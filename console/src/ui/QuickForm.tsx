import { Alert, App, Button, Checkbox, Form, Input, InputNumber, Select } from "antd";
import { type ReactElement, type ReactNode, useState } from "react";
import { draftOf, dropDraft, keepDraft } from "../lib/draft";
import { useSay } from "../words";
import { Trouble } from "./basics";
import { DayInput, FileInput, MoneyField, useRefusal } from "./forms";

/** A field of a form; its name is the server's, so that a refusal finds it. */
export type Field = {
  name: string | (string | number)[];
  label: string;
  kind?: "text" | "area" | "money" | "day" | "choice" | "many" | "count" | "check" | "file" | "lines" | "own";
  options?: { value: string; label: string }[];
  /** The fields of each line, of the kind `lines`. */
  lines?: Field[];
  /** The input of a field of the kind `own`, and what is wrong with what it holds. */
  own?: { input: ReactElement; wrong?: (value: unknown) => string | null };
  /** The largest number, of the kind `count`. */
  max?: number;
  optional?: boolean;
  /** What is wrong with what was typed, in words; nothing when it is fine. Not asked of an empty field. */
  wrong?: (text: string) => string | null;
  /** The longest text, where it is another than usual. */
  chars?: number;
  /** Why the field is asked for: the law, or what the public sees of it. */
  hint?: string;
  /** Of a person, or secret: never in a draft. */
  personal?: boolean;
  /** A heading above the field, where a group begins. */
  group?: string;
};

type QuickFormProps<T> = {
  /** The fields; told from what is entered where one leads to others. */
  fields: Field[] | ((entered: Partial<T>) => Field[]);
  initial?: Partial<T>;
  /** Under which name what was typed is kept on this machine until it is sent or discarded; for long texts. */
  draft?: string;
  /** What will happen, in a sentence; told from what is entered where it depends on it. */
  effect?: ReactNode | ((entered: Partial<T>) => ReactNode);
  button: string;
  /** What is said afterwards. */
  done: string;
  submit: (values: T) => Promise<unknown>;
  after: () => void;
  cancel?: () => void;
};

/** What of a form a draft keeps: no file, which storage does not hold, and nothing personal. */
export function draftable(fields: Field[], entered: object): object {
  const left = fields.filter((field) => field.kind === "file" || field.personal).map((field) => [field.name].flat());
  return left.reduce<object>((kept, path) => without(kept, path) as object, entered);
}

/** What was entered without the leaf at the end of a path; what stands beside it stays. */
function without(from: unknown, [at, ...on]: (string | number)[]): unknown {
  if (typeof from !== "object" || from === null) return from;
  if (Array.isArray(from)) return from.map((one: unknown, n) => (n !== at ? one : on.length > 0 ? without(one, on) : null));
  return Object.fromEntries(Object.entries(from).flatMap(([name, value]) => (name !== String(at) ? [[name, value]] : on.length > 0 ? [[name, without(value, on)]] : [])));
}

const LONG_TEXT = 2000;
const TEXT = 200;

function One({ field }: { field: Field }) {
  const say = useSay();
  const { kind = "text", name, label, optional, hint } = field;
  const check = async (_: unknown, value: unknown): Promise<void> => {
    const fault = field.own ? field.own.wrong?.(value) : typeof value === "string" && value.trim() ? field.wrong?.(value) : null;
    if (fault) throw new Error(fault);
  };
  const rules = [...(optional || kind === "check" ? [] : [{ required: true, message: say("form.required") }]), { validator: check }];
  const item = { name, label, ...(hint ? { extra: hint } : {}) };
  if (kind === "money") return <MoneyField {...item} required={!optional} />;
  if (kind === "check") return <Form.Item name={name} valuePropName="checked" {...(hint ? { extra: hint } : {})}><Checkbox>{label}</Checkbox></Form.Item>;
  if (kind === "day") return <Form.Item {...item} rules={rules}><DayInput /></Form.Item>;
  if (kind === "count") return <Form.Item {...item} rules={rules}><InputNumber min={0} {...(field.max === undefined ? {} : { max: field.max })} precision={0} style={{ width: "100%" }} /></Form.Item>;
  if (kind === "file") return <Form.Item {...item} rules={rules}><FileInput /></Form.Item>;
  if (kind === "lines") return <Lines field={field} />;
  if (kind === "own" && field.own) return <Form.Item {...item} rules={rules}>{field.own.input}</Form.Item>;
  if (kind === "choice" || kind === "many") {
    const mode = kind === "many" ? { mode: "multiple" as const } : {};
    return <Form.Item {...item} rules={rules}><Select {...mode} showSearch={{ optionFilterProp: "label" }} allowClear={Boolean(optional)} options={field.options ?? []} /></Form.Item>;
  }
  const input = kind === "area" ? <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={field.chars ?? LONG_TEXT} /> : <Input autoComplete="off" maxLength={field.chars ?? TEXT} />;
  return <Form.Item {...item} rules={rules}>{input}</Form.Item>;
}

/** Lines of the same fields, added and taken away one by one. */
function Lines({ field }: { field: Field }) {
  const say = useSay();
  return (
    <Form.Item label={field.label} {...(field.hint ? { extra: field.hint } : {})}>
      <Form.List name={field.name}>
        {(lines, { add, remove }) => (
          <div className="lines">
            {lines.map((line) => (
              <fieldset key={line.key} aria-label={`${field.label} ${line.name + 1}`}>
                {(field.lines ?? []).map((one) => <One key={String(one.name)} field={{ ...one, name: [line.name, ...[one.name].flat()] }} />)}
                <Button size="small" onClick={() => remove(line.name)}>{say("form.line_remove")}</Button>
              </fieldset>
            ))}
            <Button type="dashed" block onClick={() => add()}>{say("form.line_add")}</Button>
          </div>
        )}
      </Form.List>
    </Form.Item>
  );
}

/** A form in one column: fields, the sentence of what will happen, one button. A refusal shows at its field. */
export function QuickForm<T extends object>(props: QuickFormProps<T>) {
  const say = useSay();
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const refusal = useRefusal(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const { draft } = props;
  const [kept] = useState(() => (draft ? draftOf<Partial<T>>(draft, new Date()) : null));
  const initial: Partial<T> = { ...props.initial, ...kept };
  const entered: Partial<T> = { ...initial, ...(Form.useWatch([], { form, preserve: true }) as Partial<T> | undefined) };
  const fields = typeof props.fields === "function" ? props.fields(entered) : props.fields;
  const effect = typeof props.effect === "function" ? props.effect(entered) : props.effect;
  const send = async (values: T) => {
    setBusy(true);
    setError(null);
    try {
      await props.submit(values);
      if (draft) dropDraft(draft);
      message.success(props.done);
      props.after();
    } catch (problem) {
      setError(refusal(problem));
    } finally {
      setBusy(false);
    }
  };
  const cancel = () => {
    if (draft) dropDraft(draft);
    props.cancel?.();
  };
  const keep = draft ? { onValuesChange: (_: unknown, all: object) => keepDraft(draft, draftable(fields, all), new Date()) } : {};
  return (
    <Form form={form} layout="vertical" requiredMark="optional" initialValues={initial} {...keep} onFinish={(values) => void send(values as T)}>
      {kept && <p className="hint" style={{ marginBottom: 10 }}>{say("form.draft_kept")}</p>}
      {fields.map((field) => (
        <div key={String(field.name)}>
          {field.group && <h3 style={{ fontSize: 15, margin: "10px 0" }}>{field.group}</h3>}
          <One field={field} />
        </div>
      ))}
      {effect && <Alert type="info" style={{ marginBottom: 14 }} title={effect} />}
      {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
      <div className="buttons" style={{ display: "flex", gap: 8 }}>
        <Button type="primary" htmlType="submit" loading={busy}>{props.button}</Button>
        {props.cancel && <Button onClick={cancel}>{say("cancel")}</Button>}
      </div>
    </Form>
  );
}
