import type { Paper } from "../../api/approvals";
import type { Word } from "../../words";

/** A paper as a form has it. */
export type PaperLine = { kind?: string; name?: string; sha256?: string; words?: string; file?: string; kept?: boolean };

const KIND = /^[a-z0-9_]{1,40}$/;
const filled = (text: string | undefined): boolean => Boolean(text?.trim());
/** A line that was offered and left empty is not sent. */
const isEmpty = (line: PaperLine): boolean => !filled(line.sha256) && !filled(line.words);

/** Kinds of file that the house keeps, and the largest: as the server says. */
const KEPT_TYPES = ["application/pdf", "image/png", "image/jpeg"];
const KEPT_BYTES_MAX = 10 << 20;
/** Whether a file goes to the house's papers; else its fingerprint alone is told. */
export const isKept = (file: { type: string; size: number }): boolean => KEPT_TYPES.includes(file.type) && file.size <= KEPT_BYTES_MAX;

/** A file's size in a word: whole kilobytes, megabytes with one digit. */
export const sizeOf = (bytes: number): string => (bytes < 1 << 20 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${(bytes / (1 << 20)).toFixed(1)} MB`);

/** The papers of a form; lines left empty are left out. */
export const papersIn = (lines: readonly PaperLine[] | undefined): Paper[] =>
  (lines ?? []).filter((line) => !isEmpty(line)).map((line) => ({ kind: line.kind ?? "", name: line.name?.trim() ?? "", sha256: line.sha256 ?? "", words: line.words?.trim() ?? "" }));

/** What is wrong with lines; nothing when all are fine or empty. */
export function wrongIn(lines: readonly PaperLine[] | undefined): Word | null {
  const begun = (lines ?? []).filter((line) => !isEmpty(line));
  if (begun.some((line) => !KIND.test(line.kind ?? ""))) return "approvals.papers.wrong_kind";
  return begun.some((line) => !filled(line.name)) ? "approvals.papers.wrong_name" : null;
}
