import type { Case, Policy, Stage } from "../../api/approvals";
import { yuan } from "../../lib/money";
import { specOf } from "./course";
import { type Telling, listed, titled } from "./tell";

/** Kinds of things whose approval does something by itself. */
const DOES = {
  project_admission: { word: "approvals.effect.project_admission", sum: "target_fen" },
  target_raise: { word: "approvals.effect.target_raise", sum: "target_fen" },
  refund: { word: "approvals.effect.refund", sum: "amount_fen" },
  docking: { word: "approvals.effect.docking", sum: "" },
  dispatch: { word: "approvals.effect.dispatch", sum: "" },
  relief_money: { word: "approvals.effect.relief_money", sum: "amount_fen" },
  partner_amendment: { word: "approvals.effect.partner_amendment", sum: "" },
} as const;
const isKnown = (kind: string): kind is keyof typeof DOES => kind in DOES;

/** A sum among the codes and amounts of a case. */
export function sumIn(kase: Pick<Case, "details">, key: string): number | null {
  const value = (kase.details as Record<string, unknown>)[key];
  return typeof value === "number" ? value : null;
}

/** What an approval does at this stage, in a sentence. */
export function effectOf(kase: Case, stage: Stage, document: Policy | null, { say, language }: Pick<Telling, "say" | "language">): string {
  const others = kase.stages.filter((one) => one.key !== stage.key && one.state !== "passed" && one.state !== "skipped");
  const spec = specOf(document, stage.key);
  if (spec?.how.kind !== "any" || !document) return say("approvals.effect.counts");
  if (others.length > 0) {
    const opens = others.filter((one) => one.state === "waiting" && (specOf(document, one.key)?.after ?? []).includes(stage.key));
    const names = opens.map((one) => say("approvals.quoted", { title: titled(one, language) }));
    return names.length > 0 ? say("approvals.effect.on", { stages: listed(names, language) }) : say("approvals.effect.passes");
  }
  if (!isKnown(kase.subject_kind)) return say("approvals.effect.ends");
  const does = DOES[kase.subject_kind];
  const sum = sumIn(kase, does.sum);
  return say(does.word, { sum: sum === null ? "" : yuan(sum) });
}
