import { expect, test } from "vitest";
import { headOf, mended, oddOnes, sheetOf } from "../src/screens/imports/sheet";

const bytes = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => {
  const sheet = sheetOf(bytes(text));
  if (!sheet) throw new Error("not read");
  return sheet;
};

test("lines are counted as a person counts them: blank ones, quoted breaks and all ends of lines", () => {
  const { lines } = read('title\r\n\r\na,b\r"one\ntwo",2\n\n,\nlast,"say ""it"""');
  expect(lines.map(({ line, cells }) => [line, cells])).toEqual([[1, ["title"]], [3, ["a", "b"]], [4, ["one\ntwo", "2"]], [8, ["last", 'say "it"']]]);
});

test("GB18030 is read where it is no UTF-8; a workbook or half a text is not", () => {
  expect(sheetOf(new Uint8Array([0xbd, 0xf0, 0xb6, 0xee, 0x2c, 0x31]))?.lines[0]?.cells).toEqual(["金额", "1"]);
  expect(sheetOf(bytes("\uFEFFa,b\n"))?.lines[0]?.cells).toEqual(["a", "b"]);
  expect(sheetOf(new Uint8Array([0x50, 0x4b, 3, 4, 0, 0, 0]))).toBeNull();
  expect(sheetOf(new Uint8Array([0xff, 0xff, 0x20]))).toBeNull();
});

test("only the mended rows are written anew, and what needs quotes gets them", () => {
  const sheet = read('head,x\r\n1,"a,b"\r\nbad,2\r\n3,c\r\n');
  expect(mended(sheet, { 3: ['2,"5"', "2"] })).toBe('\uFEFFhead,x\r\n1,"a,b"\r\n"2,""5""",2\r\n3,c\r\n');
  expect(mended(sheet, {})).toBe(`\uFEFF${sheet.text}`);
  expect(read(mended(sheet, { 2: ["9", "a\nb"] })).lines.map((line) => line.cells)).toEqual([["head", "x"], ["9", "a\nb"], ["bad", "2"], ["3", "c"]]);
});

test("a wrong row shows its columns by name, and the cell that is unlike all others", () => {
  const sheet = read("bill of a day\nat,from,sum\n2026-05-08 10:00,A,10.00\n2026-05-08 10:01,B,ten\n,C,3.00\n2026-05-08 10:02,D,4\n");
  const wrong = new Set([4, 5]);
  const head = headOf(sheet, 4);
  expect(head).toEqual(["at", "from", "sum"]);
  expect([...oddOnes(sheet, sheet.lines[3]?.cells ?? [], head, wrong)]).toEqual([2]);
  expect([...oddOnes(sheet, sheet.lines[4]?.cells ?? [], head, wrong)]).toEqual([0]);
  expect(oddOnes(sheet, ["2026-05-08", "B", "10.00"], head, wrong).size).toBe(0);
});
