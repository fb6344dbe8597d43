import { forget, load, save } from "./stored";

/** A draft that nobody came back to within a day is not found by the next person at the desk. */
const LIVES_MS = 24 * 60 * 60 * 1000;

type Kept<T> = { at: number; value: T };
const keptAs = (name: string) => `draft.${name}`;

/** What was being written when the tab closed; null when nothing, or too long ago. */
export function draftOf<T>(name: string, now: Date): T | null {
  const kept = load<Kept<T>>(keptAs(name));
  if (!kept || typeof kept.at !== "number" || now.getTime() - kept.at > LIVES_MS) {
    forget(keptAs(name));
    return null;
  }
  return kept.value;
}

export const keepDraft = (name: string, value: unknown, now: Date): void => save(keptAs(name), { at: now.getTime(), value });
export const dropDraft = (name: string): void => forget(keptAs(name));
