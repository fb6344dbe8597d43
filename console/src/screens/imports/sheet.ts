/** A bill as text, taken apart where the server takes it apart (crates/integrations/src/bills/source/text.rs), so that its wrong rows can be mended on the screen. */
export type Line = {
  /** As a person counts the lines of the file, from 1; the server's number of the row. */
  line: number;
  cells: string[];
  /** Where the record stands in the text, without the end of its line. */
  from: number;
  to: number;
};
export type Sheet = { text: string; lines: Line[] };
/** New cells of rows, by their line. */
export type Mends = Record<number, string[]>;

const ENCODINGS = ["utf-8", "gb18030"];
const MARK = "\uFEFF";
/** How many other rows tell what a column usually looks like. */
const COMPARED_MAX = 200;

function decoded(bytes: Uint8Array): string | null {
  for (const encoding of ENCODINGS) {
    try {
      const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
      // A workbook is no text, whatever its name says.
      return text.includes("\0") ? null : text;
    } catch {
      // The next one may fit.
    }
  }
  return null;
}

/** The records of a text; blank ones are left out, as the server does. */
function split(text: string): Line[] {
  const lines: Line[] = [];
  let [line, began, from] = [1, 1, 0];
  let [cell, cells, quoted] = ["", [] as string[], false];
  const end = (to: number) => {
    cells.push(cell);
    if (cells.some((one) => one.trim() !== "")) lines.push({ line: began, cells, from, to });
    [cell, cells] = ["", []];
  };
  for (let at = 0; at < text.length; at += 1) {
    const letter = text[at] as string;
    const isBreak = letter === "\n" || letter === "\r";
    const next = letter === "\r" && text[at + 1] === "\n" ? at + 2 : at + 1;
    if (isBreak) line += 1;
    if (quoted) {
      if (letter === '"' && text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else if (letter === '"') quoted = false;
      else {
        cell += isBreak ? "\n" : letter;
        at = next - 1;
      }
    } else if (letter === '"' && cell === "") quoted = true;
    else if (letter === ",") {
      cells.push(cell);
      cell = "";
    } else if (isBreak) {
      end(at);
      at = next - 1;
      [began, from] = [line, next];
    } else cell += letter;
  }
  if (cell !== "" || cells.length > 0) end(text.length);
  return lines;
}

/** The file as rows; nothing, when it is no text that this page can read. */
export function sheetOf(bytes: Uint8Array): Sheet | null {
  const text = decoded(bytes);
  return text === null ? null : { text, lines: split(text) };
}

/** The names of the columns: the fullest row above, the first of such. */
export function headOf(sheet: Sheet, above: number): string[] {
  const filled = ({ cells }: Line) => cells.filter((cell) => cell.trim() !== "").length;
  let head: Line | null = null;
  for (const line of sheet.lines) {
    if (line.line >= above) break;
    if (!head || filled(line) > filled(head)) head = line;
  }
  return head?.cells.map((cell) => cell.trim()) ?? [];
}

const shape = (cell: string): string => {
  const bare = cell.trim();
  if (bare === "") return "none";
  if (/^[+-]?[\d,]*\.?\d+$/.test(bare)) return "number";
  return /\d[-/:.]\d/.test(bare) ? "moment" : "text";
};

/** The columns in which a row looks unlike all the others below the head: where its fault is likely to be. */
export function oddOnes(sheet: Sheet, cells: string[], head: string[], wrong: Set<number>): Set<number> {
  const isHead = (line: Line) => line.cells.map((cell) => cell.trim()).join() === head.join();
  const others = sheet.lines.slice(sheet.lines.findIndex(isHead) + 1).filter((line) => !wrong.has(line.line) && line.cells.length === cells.length).slice(0, COMPARED_MAX);
  const odd = new Set<number>();
  if (others.length === 0) return odd;
  cells.forEach((cell, column) => {
    const shapes = new Set(others.map((line) => shape(line.cells[column] ?? "")));
    if (shapes.size === 1 && !shapes.has(shape(cell))) odd.add(column);
  });
  return odd;
}

const quotedIfNeeded = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);

/** The text with those rows written anew and everything else as it was. */
export function mended(sheet: Sheet, mends: Mends): string {
  let [text, taken] = [MARK, 0];
  for (const line of sheet.lines) {
    const cells = mends[line.line];
    if (!cells) continue;
    text += sheet.text.slice(taken, line.from) + cells.map(quotedIfNeeded).join(",");
    taken = line.to;
  }
  return text + sheet.text.slice(taken);
}
