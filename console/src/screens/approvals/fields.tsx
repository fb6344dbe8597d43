import { InputNumber, Select } from "antd";
import type { ReactNode } from "react";
import { useSay } from "../../words";
import { LIMIT_UNITS, type LimitUnit, limitIn } from "./clock";

/** A field with its label; what the server found wanting stands under it. */
export function Field({ label, hint, wrong, children }: { label: string; hint?: string; wrong?: string | null; children: ReactNode }) {
  return (
    <label className="field">
      <span>{label}</span>
      {children}
      {hint && <small className="hint">{hint}</small>}
      {wrong && <small className="bad" data-wrong>{wrong}</small>}
    </label>
  );
}

/** Seconds as a number and a unit. */
export function LimitInput({ value, change, label }: { value: number; change: (seconds: number) => void; label: string }) {
  const say = useSay();
  const { count, unit } = limitIn(value);
  const units = (Object.keys(LIMIT_UNITS) as LimitUnit[]).map((one) => ({ value: one, label: say(`approvals.limit_unit.${one}`) }));
  return (
    <span className="pair">
      <InputNumber aria-label={label} min={1} precision={0} value={count} onChange={(next) => change((next ?? 1) * LIMIT_UNITS[unit])} />
      <Select aria-label={say("approvals.limit_unit")} options={units} value={unit} onChange={(next) => change(count * LIMIT_UNITS[next])} />
    </span>
  );
}
