import { Alert, App, Button, Checkbox, Form, Input, Select } from "antd";
import { type ReactNode, useState } from "react";
import { useSay } from "../words";
import { Trouble } from "./basics";
import { DayInput, MoneyField, useRefusal } from "./forms";

/** A field of a form; its name is the server's, so that a refusal finds it. */
export type Field = {
  name: string | string[];
  label: string;
  kind?: "text" | "area" | "money" | "day" | "choice" | "check";
  options?: { value: string; label: string }[];
  optional?: boolean;
  /** Why the field is asked for: the law, or what the public sees of it. */
  hint?: string;
  /** A heading above the field, where a group begins. */
  group?: string;
};

type QuickFormProps<T> = {
  fields: Field[];
  initial?: Partial<T>;
  /** What will happen, in a sentence. */
  effect?: ReactNode;
  button: string;
  /** What is said afterwards. */
  done: string;
  submit: (values: T) => Promise<unknown>;
  after: () => void;
  cancel?: () => void;
};

const LONG_TEXT = 2000;
const TEXT = 200;

function One({ field }: { field: Field }) {
  const say = useSay();
  const { kind = "text", name, label, optional, hint } = field;
  const rules = optional || kind === "check" ? [] : [{ required: true, message: say("form.required") }];
  const item = { name, label, ...(hint ? { extra: hint } : {}) };
  if (kind === "money") return <MoneyField {...item} required={!optional} />;
  if (kind === "check") return <Form.Item name={name} valuePropName="checked" {...(hint ? { extra: hint } : {})}><Checkbox>{label}</Checkbox></Form.Item>;
  if (kind === "day") return <Form.Item {...item} rules={rules}><DayInput /></Form.Item>;
  if (kind === "choice") {
    return <Form.Item {...item} rules={rules}><Select showSearch={{ optionFilterProp: "label" }} allowClear={Boolean(optional)} options={field.options ?? []} /></Form.Item>;
  }
  const input = kind === "area" ? <Input.TextArea autoSize={{ minRows: 2, maxRows: 8 }} maxLength={LONG_TEXT} /> : <Input autoComplete="off" maxLength={TEXT} />;
  return <Form.Item {...item} rules={rules}>{input}</Form.Item>;
}

/** A form in one column: fields, the sentence of what will happen, one button. A refusal shows at its field. */
export function QuickForm<T extends object>(props: QuickFormProps<T>) {
  const say = useSay();
  const { message } = App.useApp();
  const [form] = Form.useForm();
  const refusal = useRefusal(form);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const send = async (values: T) => {
    setBusy(true);
    setError(null);
    try {
      await props.submit(values);
      message.success(props.done);
      props.after();
    } catch (problem) {
      setError(refusal(problem));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Form form={form} layout="vertical" requiredMark="optional" initialValues={props.initial ?? {}} onFinish={(values) => void send(values as T)}>
      {props.fields.map((field) => (
        <div key={String(field.name)}>
          {field.group && <h3 style={{ fontSize: 15, margin: "10px 0" }}>{field.group}</h3>}
          <One field={field} />
        </div>
      ))}
      {props.effect && <Alert type="info" style={{ marginBottom: 14 }} title={props.effect} />}
      {error !== null && <div style={{ marginBottom: 14 }}><Trouble error={error} /></div>}
      <div className="buttons" style={{ display: "flex", gap: 8 }}>
        <Button type="primary" htmlType="submit" loading={busy}>{props.button}</Button>
        {props.cancel && <Button onClick={props.cancel}>{say("cancel")}</Button>}
      </div>
    </Form>
  );
}
