import type { ReactNode } from "react";
import type { Choice } from "../../ui/Decide";

/** One thing that waits for this person. */
export type Task = {
  key: string;
  /** In one line what it is. */
  what: string;
  fen?: number;
  /** Since when it waits; null where the server does not say. */
  since: string | null;
  facts: [string, ReactNode][];
  /** What will happen, in a sentence. */
  effect: string;
  choices: Choice[];
  /** The gift it is about, whose facts are shown below. */
  gift?: string | null;
  /** Until when it is to be decided: so many seconds were left at that moment. */
  due?: { left_s: number; read_ms: number };
  /** Whether it takes the emergency lane. */
  emergency?: boolean;
  /** Its own panel, where it is opened as a whole. */
  panel?: (close: () => void) => ReactNode;
};

/** Whether someone else must decide it. */
export const isBlocked = (task: Task): boolean => task.choices.length > 0 && task.choices.every((choice) => choice.why);

/** Everything of one kind. */
export type Pile = {
  key: string;
  title: string;
  tasks: Task[];
  loading: boolean;
  error: unknown;
  again: () => void;
  /** Whether the server has more than were read. */
  more: boolean;
};

/** So many of one kind are read at once; who has more begins with the oldest. */
export const TASKS_MAX = 100;
/** How often the counts are read again while the page is open. */
export const FRESH_MS = 30_000;
