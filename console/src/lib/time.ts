/** Times are Beijing's, whatever the reader's machine says. */
const ZONE = "Asia/Shanghai";
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const PARTS = new Intl.DateTimeFormat("en-CA", {
  timeZone: ZONE, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});

function partsOf(at: Date): Record<string, string> {
  return Object.fromEntries(PARTS.formatToParts(at).map((part) => [part.type, part.value]));
}

/** `2026-05-08 19:32` in Beijing. */
export function moment(at: string | Date): string {
  const p = partsOf(typeof at === "string" ? new Date(at) : at);
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}`;
}

/** The business day of an instant. */
export function dayOf(at: Date): string {
  const p = partsOf(at);
  return `${p.year}-${p.month}-${p.day}`;
}

/** The first day of the month of a day. */
export const monthOf = (day: string): string => `${day.slice(0, 7)}-01`;

/** An instant from a Beijing day and time as a form has them: `2026-05-08`, `19:32`. */
export const instant = (day: string, time: string): string => new Date(`${day}T${time}:00+08:00`).toISOString();

/** A day that exists, as `YYYY-MM-DD`. */
export function isDay(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text);
}

/** How long something has waited, in the largest unit that says it. */
export function age(since: string, now: Date): { count: number; unit: "minutes" | "hours" | "days" } {
  const ms = Math.max(0, now.getTime() - new Date(since).getTime());
  if (ms < HOUR_MS) return { count: Math.floor(ms / MINUTE_MS), unit: "minutes" };
  if (ms < 2 * DAY_MS) return { count: Math.floor(ms / HOUR_MS), unit: "hours" };
  return { count: Math.floor(ms / DAY_MS), unit: "days" };
}
