/** A workbook of one sheet, written in the browser: rows as they are read, amounts digit by digit, no formula anywhere. */

export type Cell = string | { amount: string };

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
const RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE = "http://schemas.openxmlformats.org/package/2006";
/** What a cell of a sheet holds at most. */
const CELL_CHARS = 32_767;

/** What XML does not take is left out; the rest is named. */
const safe = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.slice(0, CELL_CHARS).replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, "")
    .replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** A cell: text stays text whatever it begins with; an amount is a number of exactly its digits. */
function cell(value: Cell): string {
  if (typeof value === "string") return value === "" ? "<c/>" : `<c t="inlineStr"><is><t xml:space="preserve">${safe(value)}</t></is></c>`;
  return /^-?\d+(\.\d+)?$/.test(value.amount) ? `<c s="1"><v>${value.amount}</v></c>` : cell(value.amount);
}
const row = (cells: Cell[]): string => `<row>${cells.map(cell).join("")}</row>`;

const FILES = (name: string): [string, string][] => [
  ["[Content_Types].xml", `${HEAD}<Types xmlns="${PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/><Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>`],
  ["_rels/.rels", `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>`],
  ["xl/workbook.xml", `${HEAD}<workbook xmlns="${MAIN}" xmlns:r="${RELATIONS}"><sheets><sheet name="${safe(name)}" sheetId="1" r:id="r1"/></sheets></workbook>`],
  ["xl/_rels/workbook.xml.rels", `${HEAD}<Relationships xmlns="${PACKAGE}/relationships"><Relationship Id="r1" Type="${RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="${RELATIONS}/styles" Target="styles.xml"/></Relationships>`],
  ["xl/styles.xml", `${HEAD}<styleSheet xmlns="${MAIN}"><fonts count="1"><font/></fonts><fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills><borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/><xf numFmtId="4" applyNumberFormat="1"/></cellXfs></styleSheet>`],
];

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ 0xedb88320 : sum >>> 1;
  return sum;
});
function checksum(bytes: Uint8Array, before: number): number {
  let sum = ~before;
  for (const byte of bytes) sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  return ~sum >>> 0;
}

/** One file of the archive, packed while its text comes in. */
class Packed {
  private readonly deflate = new CompressionStream("deflate-raw");
  private readonly writer = this.deflate.writable.getWriter();
  private readonly packed = new Response(this.deflate.readable).arrayBuffer();
  private sum = 0;
  private size = 0;
  constructor(readonly name: string) {}
  async add(text: string): Promise<void> {
    const bytes = new TextEncoder().encode(text);
    this.sum = checksum(bytes, this.sum);
    this.size += bytes.length;
    await this.writer.write(bytes);
  }
  async end() {
    await this.writer.close();
    return { name: new TextEncoder().encode(this.name), data: new Uint8Array(await this.packed), sum: this.sum, size: this.size };
  }
}
type File = Awaited<ReturnType<Packed["end"]>>;

/** The fields that a file has in its place and in the archive's list: packed, no date but the first one there is. */
function fields(file: File, central: boolean, at: number): Uint8Array<ArrayBuffer> {
  const out = new DataView(new ArrayBuffer(central ? 46 : 30));
  const shift = central ? 2 : 0;
  out.setUint32(0, central ? 0x02014b50 : 0x04034b50, true);
  if (central) out.setUint16(4, 20, true);
  out.setUint16(4 + shift, 20, true);
  out.setUint16(6 + shift, 0x0800, true);
  out.setUint16(8 + shift, 8, true);
  out.setUint16(12 + shift, 0x21, true);
  out.setUint32(14 + shift, file.sum, true);
  out.setUint32(18 + shift, file.data.length, true);
  out.setUint32(22 + shift, file.size, true);
  out.setUint16(26 + shift, file.name.length, true);
  if (central) out.setUint32(42, at, true);
  return new Uint8Array(out.buffer);
}

function archive(files: File[]): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const list: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  const size = (some: Uint8Array[]) => some.reduce((sum, part) => sum + part.length, 0);
  for (const file of files) {
    const here = [fields(file, false, 0), file.name, file.data];
    list.push(fields(file, true, at), file.name);
    parts.push(...here);
    at += size(here);
  }
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, 0x06054b50, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, size(list), true);
  end.setUint32(16, at, true);
  return new Blob([...parts, ...list, new Uint8Array(end.buffer)], { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" });
}

/** A workbook whose rows are added part by part, packed at once, so that 100,000 rows need little memory. */
export class Workbook {
  private readonly sheet = new Packed("xl/worksheets/sheet1.xml");
  private begun = false;
  constructor(private readonly name: string, private readonly titles: string[]) {}
  async add(rows: Cell[][]): Promise<void> {
    await this.begin();
    await this.sheet.add(rows.map(row).join(""));
  }
  async end(): Promise<Blob> {
    await this.begin();
    await this.sheet.add("</sheetData></worksheet>");
    const others: File[] = [];
    for (const [name, text] of FILES(this.name)) {
      const file = new Packed(name);
      await file.add(text);
      others.push(await file.end());
    }
    return archive([...others, await this.sheet.end()]);
  }
  private async begin(): Promise<void> {
    if (this.begun) return;
    this.begun = true;
    await this.sheet.add(`${HEAD}<worksheet xmlns="${MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>${row(this.titles)}`);
  }
}
