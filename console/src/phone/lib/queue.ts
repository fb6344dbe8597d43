/** The queue's own logic, without browser: what is sent next, what an answer means, what was scanned before. */
import type { PhoneRecord } from "./record";

export type State = "waiting" | "taken" | "known" | "refused" | "settled" | "pending";
export type Kept = {
  seq: number;
  record: PhoneRecord;
  /** Empty until it is signed. */
  signature: string;
  state: State;
  /** What the server said of it. */
  title?: string;
  detail?: string;
  by?: string | null;
  at?: string | null;
  /** What was shown when it was scanned: a label, an order's number. */
  shown?: string;
};
export type Answer = {
  seq: number;
  key: string;
  outcome: Exclude<State, "waiting">;
  refusal: { slug: string; title: string; detail: string } | null;
  first: { by: string | null; at: string | null } | null;
  wants_photo: boolean;
};

/** Records of one batch; the server takes a hundred. */
export const BATCH_MAX = 50;

/** What is still to be handed in, by its numbers; what the server could not finish goes again. */
export const toSend = (kept: Kept[]): Kept[] => kept.filter((one) => one.state === "waiting" || one.state === "pending").sort((a, b) => a.seq - b.seq);

/** The next batch. What the server could not finish comes after everything new, so that it holds up nothing. */
export function batch(kept: Kept[]): Kept[] {
  const open = toSend(kept);
  return [...open.filter((one) => one.state === "waiting"), ...open.filter((one) => one.state === "pending")].slice(0, BATCH_MAX);
}

/** A record without the signature that was drawn and the giver's name: once the server has them, they are not kept here too.
 * The name stays while the record is refused, for it is asked for again word for word. */
function handed({ drawn: _drawn, donor, ...record }: PhoneRecord, outcome: Answer["outcome"]): PhoneRecord {
  return outcome === "refused" && donor !== undefined ? { ...record, donor } : record;
}

/** Refused records whose photograph is still here: an officer may have carried them out since, and then its bytes are wanted. */
export const toAskAgain = (kept: Kept[], photos: ReadonlySet<string>): Kept[] =>
  kept.filter((one) => one.state === "refused" && one.record.kind === "unannounced" && one.record.sha256 !== undefined && photos.has(one.record.sha256)).sort((a, b) => a.seq - b.seq);

/** What the kept records are after an answer; an answer for another record of the same number changes nothing. */
export function answered(kept: Kept[], answers: Answer[]): Kept[] {
  const told = new Map(answers.map((one) => [`${one.seq}/${one.key}`, one]));
  return kept.map((one) => {
    const answer = told.get(`${one.seq}/${one.record.key}`);
    if (!answer) return one;
    return { ...one, record: answer.outcome === "pending" ? one.record : handed(one.record, answer.outcome), state: answer.outcome, title: answer.refusal?.title, detail: answer.refusal?.detail, by: answer.first?.by ?? null, at: answer.first?.at ?? null };
  });
}

/** The photographs whose bytes the server still wants. */
export const wanted = (kept: Kept[], answers: Answer[]): string[] => {
  const keys = new Set(answers.filter((one) => one.wants_photo).map((one) => one.key));
  return kept.flatMap((one) => (keys.has(one.record.key) && one.record.sha256 ? [one.record.sha256] : []));
};

/** The same code recorded for the same step before, on this phone. What was refused may be recorded again. */
export const before = (kept: Kept[], kind: string, code: string): Kept | undefined =>
  code === "" ? undefined : kept.find((one) => one.record.kind === kind && one.record.code === code && one.state !== "refused" && !["photo", "loaded", "lost", "distributed"].includes(kind));

/** Old answers go, the newest stay; nothing that is still to be sent or was refused ever goes. */
export const KEEP_MAX = 500;
export function spent(kept: Kept[]): number[] {
  const done = kept.filter((one) => one.state === "taken" || one.state === "known" || one.state === "settled").sort((a, b) => b.seq - a.seq);
  return done.slice(KEEP_MAX).map((one) => one.seq);
}

/** Milliseconds to the next try, after so many that failed. */
export const pause = (failed: number): number => Math.min(30_000 * 2 ** Math.min(failed, 4), 300_000);
