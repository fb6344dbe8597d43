/** Cells that a spreadsheet would take for a formula begin with one of these; an apostrophe keeps them text. */
const FORMULA = /^[=+\-@\t\r]/;
const PLAIN_NUMBER = /^[+-]?\d+(\.\d+)?$/;

function cell(value: string): string {
  const safe = FORMULA.test(value) && !PLAIN_NUMBER.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Lines of RFC 4180. */
export const csvLines = (rows: string[][]): string => rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

/** The first line, after a byte-order mark, so that spreadsheets read Chinese. */
export const csvHead = (titles: string[]): string => `\uFEFF${csvLines([titles])}`;

/** Hands a file to the person. */
export function download(name: string, bytes: Blob): void {
  const address = URL.createObjectURL(bytes);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  URL.revokeObjectURL(address);
}
