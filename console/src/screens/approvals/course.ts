import type { Case, Entry, Paper, Person, Policy, Spec, Stage, Verdict } from "../../api/approvals";
import { sha256Of } from "../../lib/sha256";

export const specOf = (document: Policy | null, key: string): Spec | null => document?.stages.find((spec) => spec.key === key) ?? null;

/** Stages in rows, one after the other; those of a row run beside each other. */
export function rowsOf<T extends { key: string }>(stages: readonly T[], document: Policy | null): T[][] {
  const rank = new Map<string, number>();
  const rows: T[][] = [];
  for (const [at, stage] of stages.entries()) {
    const after = specOf(document, stage.key)?.after ?? [];
    const row = document ? Math.max(-1, ...after.map((key) => rank.get(key) ?? -1)) + 1 : at;
    rank.set(stage.key, row);
    rows[row] = [...(rows[row] ?? []), stage];
  }
  return rows;
}

/** What one person is to say, or said, at a stage. */
export type Voice = { person: Person; verdict: Verdict | null; words: string; at: string | null; scores: Record<string, number> | null };

/** The history of a stage since it was last opened. */
function sinceOpened(history: readonly Entry[], key: string): Entry[] {
  const mine = history.filter((entry) => entry.stage === key);
  const opened = mine.map((entry) => entry.kind).lastIndexOf("opened");
  return opened < 0 ? [] : mine.slice(opened);
}

/** Who was asked at a stage and what was said there; those who speak now first, in the order in which they were asked. */
export function voicesOf(kase: Case, stage: Stage): Voice[] {
  const entries = sinceOpened(kase.history, stage.key);
  const voices = new Map<string, Voice>();
  const asked = (person: Person) => {
    if (!voices.has(person.id)) voices.set(person.id, { person, verdict: null, words: "", at: null, scores: null });
  };
  for (const entry of entries) {
    if (entry.kind !== "acted") entry.people.forEach(asked);
    if (entry.kind === "acted" && entry.by && entry.verdict) {
      voices.set(entry.by.id, { person: entry.by, verdict: entry.verdict, words: entry.words ?? "", at: entry.at, scores: (entry.scores ?? null) as Record<string, number> | null });
    }
  }
  if (stage.state !== "open") return [...voices.values()];
  // While it is open the seats are the truth: who is concerned has left.
  stage.seats.forEach(asked);
  const seated = new Set(stage.seats.map((seat) => seat.id));
  return [...voices.values()].filter((voice) => seated.has(voice.person.id));
}

/** The draw of a stage, when it was last opened by one. */
export function drawOf(kase: Case, key: string): { seed: string; pool: string[]; drawn: string[] } | null {
  const opened = sinceOpened(kase.history, key)[0];
  return opened?.draw ? { ...opened.draw, drawn: opened.people.map((person) => person.name) } : null;
}

export type Ticket = { number: number; name: string; digest: string };
/** The tickets of a draw in the order in which they are drawn: by SHA-256 of `seed:ticket`. */
export function ticketsOf(seed: string, pool: readonly string[]): Ticket[] {
  const tickets = pool.map((name, at) => ({ number: at + 1, name, digest: sha256Of(`${seed}:${at + 1}`) }));
  return tickets.sort((a, b) => (a.digest < b.digest ? -1 : 1));
}

/** All papers of a case, as they came in. */
export const papersOf = (kase: Case): (Paper & { at: string })[] => kase.history.flatMap((entry) => entry.papers.map((paper) => ({ ...paper, at: entry.at })));

/** Kinds of paper that the stages of a policy ask for. */
export const papersAsked = (document: Policy | null): string[] => [...new Set((document?.stages ?? []).flatMap((stage) => stage.papers ?? []))];

/** Whether somebody is concerned: named as a party, or by their own word. */
export const isConcerned = (kase: Case, me: string): boolean =>
  kase.history.some((entry) => (entry.kind === "declared" && entry.by?.id === me) || (entry.kind === "submitted" && entry.people.some((party) => party.id === me)));

/** Whom the case was sent back by, and with which words. */
export const sentBackBy = (kase: Case): Entry | null => (kase.state === "sent_back" ? (kase.history.findLast((entry) => entry.verdict === "send_back") ?? null) : null);
