import type { Case, Policy, Spec, Stage, Verdict } from "../../api/approvals";
import type { Word } from "../../words";
import { isConcerned, specOf } from "./course";

/** What can be said at a stage. */
export type Way = Verdict | "conflict";
/** Why not, as a word; nothing: it can be done. */
export type Why = { word: Word; papers?: string[] } | null;

export type Reader = {
  /** My public id. */
  me: string;
  /** Stages of this case at which the server says that I am waited for: also where anyone of a role decides. */
  awaited: readonly string[];
};

/** Why this person decides nothing at this stage; nothing when they may. */
export function whyNotAt(kase: Case, stage: Stage, reader: Reader): Why {
  if (kase.state !== "open") return { word: "approvals.why.over" };
  if (stage.state !== "open") return { word: "approvals.why.not_open" };
  if (kase.is_mine) return { word: "approvals.why.asker" };
  if (isConcerned(kase, reader.me)) return { word: "approvals.why.concerned" };
  if (stage.seats.some((seat) => seat.id === reader.me && seat.verdict)) return { word: "approvals.why.twice" };
  return stage.mine || reader.awaited.includes(stage.key) ? null : { word: "approvals.why.not_seated" };
}

/** The stages at which this person may decide now. */
export const stagesOfMine = (kase: Case, reader: Reader): Stage[] => kase.stages.filter((stage) => whyNotAt(kase, stage, reader) === null);

/** What can be said at a stage, each with the reason when it cannot. What the policy does not say the server decides. */
export function waysAt(kase: Case, stage: Stage, document: Policy | null, reader: Reader): { way: Way; why: Why }[] {
  const not = whyNotAt(kase, stage, reader);
  const spec = specOf(document, stage.key);
  const missing = stage.papers_missing.length > 0 && !kase.fast_lane ? { word: "approvals.why.papers" as const, papers: stage.papers_missing } : null;
  const back = spec && (spec.send_back ?? "no") === "no" ? { word: "approvals.why.no_send_back" as const } : null;
  const yes: { way: Way; why: Why }[] = stage.sheet.length > 0 ? [{ way: "score", why: not ?? missing }] : [{ way: "approve", why: not ?? missing }, { way: "refuse", why: not }];
  return [...yes, { way: "send_back", why: not ?? back }, { way: "abstain", why: not }, { way: "conflict", why: not }];
}

/** Whether words must be said with it: no, not yet, and whatever an outside body found. */
export const needsWords = (way: Way, spec: Spec | null): boolean => way === "refuse" || way === "send_back" || (way !== "conflict" && spec?.who.kind === "outside");

/** What the asker, or who decides, may do to the case itself. */
export type Deed = "resubmit" | "hand_in" | "amend" | "withdraw";

/** At which open stage a case may be edited, and what; nothing when somebody has decided. */
export function amendable(kase: Case, document: Policy | null, reader: Reader): { stage: Stage; parts: ("title" | "summary" | "papers")[] } | null {
  const open = kase.stages.filter((stage) => stage.state === "open");
  if (kase.state !== "open" || open.some((stage) => stage.seats.some((seat) => seat.verdict))) return null;
  const mine = (stage: Stage) => kase.is_mine || stage.seats.some((seat) => seat.id === reader.me);
  for (const stage of open.filter(mine)) {
    const spec = specOf(document, stage.key);
    const parts = spec ? (spec.edits ?? []) : (["title", "summary", "papers"] as const);
    if (parts.length > 0) return { stage, parts: [...parts] };
  }
  return null;
}

/** What may be done to the case itself, in the order in which it presses. */
export function deedsOf(kase: Case, document: Policy | null, reader: Reader): Deed[] {
  const deeds: Deed[] = [];
  if (kase.is_mine && kase.state === "sent_back") deeds.push("resubmit");
  if (kase.papers_due_at) deeds.push("hand_in");
  if (amendable(kase, document, reader)) deeds.push("amend");
  if (kase.is_mine && (kase.state === "open" || kase.state === "sent_back")) deeds.push("withdraw");
  return deeds;
}

/** The total of a sheet; nothing while an item is missing or out of its bounds. */
export function totalOf(stage: Pick<Stage, "sheet">, scores: Record<string, number | null | undefined>): number | null {
  let total = 0;
  for (const item of stage.sheet) {
    const given = scores[item.key];
    if (typeof given !== "number" || !Number.isInteger(given) || given < 0 || given > item.max) return null;
    total += given;
  }
  return total;
}
