import type { Case } from "../../api/approvals";
import type { Shape } from "../../api/client";
import { type PaperLine, papersIn } from "./papers";

/** What somebody mends of a case, as a form has it. */
export type Change = { title?: string; summary?: string; papers?: PaperLine[]; words?: string };

/** What changes of a case: what reads as before is left out. */
export function changeOf(kase: Pick<Case, "title" | "summary">, entered: Change): Shape["ApprovalChange"] {
  const title = entered.title?.trim();
  const summary = entered.summary?.trim();
  return {
    ...(title !== undefined && title !== kase.title ? { title } : {}),
    ...(summary !== undefined && summary !== kase.summary.trim() ? { summary } : {}),
    papers: papersIn(entered.papers),
  };
}
