import { dayOf, moment } from "../../lib/time";

const DAY_MS = 86_400_000;
const atNoon = (day: string): Date => new Date(`${day}T12:00:00+08:00`);

/** The day so many days later, in Beijing. */
export const dayAfter = (day: string, days: number): string => dayOf(new Date(atNoon(day).getTime() + days * DAY_MS));

/** The Monday of a day's week. */
export function mondayOf(day: string): string {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return dayAfter(day, -((weekday + 6) % 7));
}

/** `05-08 08:00–20:00`; the day is told again where it is another. */
export function spanWords({ from, to }: { from: string; to: string }): string {
  const [a, b] = [moment(from), moment(to)];
  const isSame = a.slice(0, 10) === b.slice(0, 10);
  return `${a.slice(5)}–${isSame ? b.slice(11) : b.slice(5)}`;
}
