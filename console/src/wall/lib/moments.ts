/** Moments as a wall shows them, to the second, in Beijing's time. */
export { dayOf } from "../../lib/time";

const HOURS_MS = 8 * 3_600_000;
/** Beijing has had no summer time since 1991, so its clock is eight hours ahead, always. */
const beijing = (at: number | string): string => new Date((typeof at === "number" ? at : Date.parse(at)) + HOURS_MS).toISOString();

/** `21:58:03` */
export const clock = (at: number | string): string => beijing(at).slice(11, 19);
/** `21:58` */
export const minute = (at: number | string): string => beijing(at).slice(11, 16);
/** `2026-11-22 21:58:03` */
export const when = (at: number | string): string => `${beijing(at).slice(0, 10)} ${clock(at)}`;

/** How long something has been, in two units at most: `2 分 13 秒` is made of these. */
export function lasting(ms: number): { hours: number; minutes: number; seconds: number } {
  const whole = Math.max(0, Math.floor(ms / 1_000));
  return { hours: Math.floor(whole / 3_600), minutes: Math.floor((whole % 3_600) / 60), seconds: whole % 60 };
}
