import { DatePicker, Form, Input } from "antd";
import type { FormInstance, FormItemProps } from "antd";
import dayjs from "dayjs";
import { useState } from "react";
import { ApiProblem, asProblem } from "../api/problem";
import { parseYuan, yuan } from "../lib/money";
import { useSay } from "../words";
import { problemWords } from "./basics";

/** A day as `YYYY-MM-DD`, typed or picked. */
export function DayInput(props: { id?: string; value?: string | undefined; onChange?: (day: string | undefined) => void; placeholder?: string }) {
  const { id, value, onChange, placeholder } = props;
  return (
    <DatePicker
      {...(id ? { id } : {})}
      style={{ width: "100%" }}
      value={value ? dayjs(value) : null}
      format={["YYYY-MM-DD", "YYYYMMDD", "YYYY/M/D"]}
      onChange={(day) => onChange?.(day ? day.format("YYYY-MM-DD") : undefined)}
      // Enter takes the day that was typed; it does not send a form of money half filled.
      onKeyDown={(event) => event.key === "Enter" && event.preventDefault()}
      {...(placeholder ? { placeholder } : {})}
    />
  );
}

/** A file from this machine; it is sent with the form, not before. */
export function FileInput({ id, onChange }: { id?: string; onChange?: (file: File | undefined) => void }) {
  return <input type="file" {...(id ? { id } : {})} style={{ maxWidth: "100%" }} onChange={(event) => onChange?.(event.target.files?.[0])} />;
}

type MoneyInputProps = { id?: string; value?: number | null; onChange?: (fen: number | null) => void; large?: boolean; autoFocus?: boolean };

/** Yuan as typed, fen as kept; what is no sum is told beside the field by its rule, never rounded. */
export function MoneyInput({ id, value, onChange, large, autoFocus = false }: MoneyInputProps) {
  const say = useSay();
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (typeof value === "number" && value >= 0 ? yuan(value) : "");
  return (
    <Input
      {...(id ? { id } : {})}
      inputMode="decimal"
      autoFocus={autoFocus}
      autoComplete="off"
      size={large ? "large" : "middle"}
      className="number"
      suffix={say("yuan")}
      value={shown}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange?.(event.target.value.trim() === "" ? null : (parseYuan(event.target.value) ?? Number.NaN));
      }}
      onBlur={() => typed !== null && parseYuan(typed) !== null && setTyped(null)}
    />
  );
}

/** A field for a sum above zero. */
export function MoneyField({ required = true, large, autoFocus, ...item }: FormItemProps & { large?: boolean; autoFocus?: boolean }) {
  const say = useSay();
  const check = async (_: unknown, fen: number | null | undefined) => {
    if (fen === null || fen === undefined) {
      if (required) throw new Error(say("form.required"));
    } else if (Number.isNaN(fen) || fen <= 0) throw new Error(say("form.money"));
  };
  return (
    <Form.Item {...item} required={required} rules={[{ validator: check }]}>
      <MoneyInput {...(large ? { large } : {})} {...(autoFocus ? { autoFocus } : {})} />
    </Form.Item>
  );
}

/** Puts a problem where it belongs: at its field when the form has it; otherwise it is returned for the head of the form. */
export function useRefusal(form: FormInstance): (error: unknown) => ApiProblem | null {
  const say = useSay();
  return (error) => {
    const problem = asProblem(error);
    const name = problem.field?.split(".") ?? null;
    if (!name || form.getFieldInstance(name) === undefined) return problem;
    const { title, detail } = problemWords(problem, say);
    form.setFields([{ name, errors: [detail || title] }]);
    form.scrollToField(name, { focus: true });
    return null;
  };
}
