import { InputNumber, Select } from "antd";
import { type ReactNode, useState } from "react";
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

/** Seconds as a number and a unit; the unit stays the one that was chosen. */
export function LimitInput({ value, change, label }: { value: number; change: (seconds: number) => void; label: string }) {
  const say = useSay();
  const [chosen, setChosen] = useState<LimitUnit>(() => limitIn(value).unit);
  const unit = value % LIMIT_UNITS[chosen] === 0 ? chosen : limitIn(value).unit;
  const count = value / LIMIT_UNITS[unit];
  const units = (Object.keys(LIMIT_UNITS) as LimitUnit[]).map((one) => ({ value: one, label: say(`approvals.limit_unit.${one}`) }));
  const turn = (next: LimitUnit) => {
    setChosen(next);
    change(count * LIMIT_UNITS[next]);
  };
  return (
    <span className="pair">
      <InputNumber aria-label={label} min={1} precision={0} value={count} onChange={(next) => change((next ?? 1) * LIMIT_UNITS[unit])} />
      <Select aria-label={say("approvals.limit_unit")} options={units} value={unit} onChange={turn} />
    </span>
  );
}
