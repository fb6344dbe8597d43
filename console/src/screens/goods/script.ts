import type { Shape } from "../../api/client";

type Script = Shape["GoodsScript"];
type Step = Shape["GoodsScriptStep"];

/** What was said so far, step by step. */
export type Said = { step: string; value: string }[];

/** The step that a call stands at: the first one, or what follows the last answer. The server walks it again. */
export function stepAt(script: Script, said: Said): Step | null {
  const find = (key: string | null | undefined): Step | null => script.steps.find((step) => step.key === key) ?? null;
  let at: Step | null = script.steps[0] ?? null;
  for (const answer of said) {
    if (!at || at.key !== answer.step) return null;
    at = find(at.kind === "choice" ? at.options?.find((option) => option.value === answer.value)?.next : at.next);
  }
  return at;
}

/** Whether an answer has the shape that its kind asks for; the server decides all the same. */
export function fits(kind: Step["kind"], value: string): boolean {
  const text = value.trim();
  if (text === "") return false;
  if (kind === "whole") return /^[1-9][0-9]*$/.test(text);
  if (kind === "money") return /^[0-9][0-9,]*(\.[0-9]{1,2})?$/.test(text) && /[1-9]/.test(text);
  if (kind === "phone") return /^[-0-9 +()]+$/.test(text) && text.replace(/[^0-9]/g, "").length >= 7;
  return true;
}

export const answersOf = (said: Said): Shape["GoodsCallAnswer"][] => said.map(({ step, value }) => ({ step, value }));
