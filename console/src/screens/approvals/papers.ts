import type { Paper } from "../../api/approvals";
import type { Word } from "../../words";

/** A paper as a form has it. */
export type PaperLine = { kind?: string; name?: string; sha256?: string; words?: string; file?: string };

const KIND = /^[a-z0-9_]{1,40}$/;
const filled = (text: string | undefined): boolean => Boolean(text?.trim());
/** A line that was offered and left empty is not sent. */
const isEmpty = (line: PaperLine): boolean => !filled(line.sha256) && !filled(line.words);

/** The papers of a form; lines left empty are left out. */
export const papersIn = (lines: readonly PaperLine[] | undefined): Paper[] =>
  (lines ?? []).filter((line) => !isEmpty(line)).map((line) => ({ kind: line.kind ?? "", name: line.name?.trim() ?? "", sha256: line.sha256 ?? "", words: line.words?.trim() ?? "" }));

/** What is wrong with lines; nothing when all are fine or empty. */
export function wrongIn(lines: readonly PaperLine[] | undefined): Word | null {
  const begun = (lines ?? []).filter((line) => !isEmpty(line));
  if (begun.some((line) => !KIND.test(line.kind ?? ""))) return "approvals.papers.wrong_kind";
  return begun.some((line) => !filled(line.name)) ? "approvals.papers.wrong_name" : null;
}
