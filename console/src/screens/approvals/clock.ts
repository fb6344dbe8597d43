import type { Say } from "../../words";

const MINUTE_S = 60;
const HOUR_S = 60 * MINUTE_S;
const DAY_S = 24 * HOUR_S;
/** From here on the clock is shown in warning: two of the ten minutes. */
const SOON_S = 2 * MINUTE_S;

/** Seconds that are left now, from what the server said when it was asked: this machine's clock may be wrong, its ticking is not. */
export const leftNow = (left_s: number, read_ms: number, now_ms: number): number => left_s - Math.floor(Math.max(0, now_ms - read_ms) / 1000);

export type Tone = "late" | "soon" | "calm";
export const toneOf = (left_s: number): Tone => (left_s < 0 ? "late" : left_s <= SOON_S ? "soon" : "calm");

const two = (n: number): string => String(n).padStart(2, "0");

/** `9:05` below an hour, then hours with minutes, from two days on days. */
export function spanWords(seconds: number, say: Say): string {
  if (seconds < HOUR_S) return `${Math.floor(seconds / MINUTE_S)}:${two(seconds % MINUTE_S)}`;
  if (seconds < 2 * DAY_S) return say("approvals.span.hours", { hours: Math.floor(seconds / HOUR_S), minutes: two(Math.floor((seconds % HOUR_S) / MINUTE_S)) });
  return say("approvals.span.days", { days: Math.floor(seconds / DAY_S) });
}

/** How much time is left, or by how much it is over. */
export const leftWords = (left_s: number, say: Say): string =>
  left_s < 0 ? say("approvals.over", { span: spanWords(-left_s, say) }) : say("approvals.left", { span: spanWords(left_s, say) });

/** Units in which a limit is said, the largest first. */
export const LIMIT_UNITS = { days: DAY_S, hours: HOUR_S, minutes: MINUTE_S, seconds: 1 } as const;
export type LimitUnit = keyof typeof LIMIT_UNITS;

/** A limit in the largest unit that says it whole. */
export function limitIn(seconds: number): { count: number; unit: LimitUnit } {
  const unit = (Object.keys(LIMIT_UNITS) as LimitUnit[]).find((one) => seconds >= LIMIT_UNITS[one] && seconds % LIMIT_UNITS[one] === 0) ?? "seconds";
  return { count: seconds / LIMIT_UNITS[unit], unit };
}

export function limitWords(seconds: number, say: Say): string {
  const { count, unit } = limitIn(seconds);
  return count === 1 ? say(`approvals.limit_one.${unit}`) : say(`approvals.limit.${unit}`, { count });
}
