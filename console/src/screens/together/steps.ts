import type { Shape } from "../../api/client";
import type { Word } from "../../words";

/** What comes next for an event's takings, and why it cannot be done yet. */
export type EventStep = { key: "count" | "deposit" | "book" | null; why?: Word };

export function stepOf(event: Pick<Shape["EventOut"], "state" | "held_on">, today: string): EventStep {
  if (event.state === "planned" || event.state === "counted_once") {
    return today < event.held_on ? { key: "count", why: "events.not_yet" } : { key: "count" };
  }
  if (event.state === "counted") return { key: "deposit" };
  return { key: event.state === "deposited" ? "book" : null };
}
