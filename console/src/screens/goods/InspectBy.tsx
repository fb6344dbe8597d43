import type { InspectionClock } from "./more";

const TONES = { fine: "", warn: "wait", alarm: "bad" } as const;

/** The last day on which goods that arrived are looked at; coloured on that day and after it. */
export function InspectBy({ of }: { of: InspectionClock }) {
  if (!of.inspect_by) return null;
  const tone = TONES[of.inspection ?? "fine"];
  return tone ? <span className={`state ${tone}`}>{of.inspect_by}</span> : <>{of.inspect_by}</>;
}
