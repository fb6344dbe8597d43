import { createElement } from "react";
import { inflateRawSync } from "node:zlib";
import { expect, test } from "vitest";
import { touched } from "../src/lib/awake";
import { Workbook } from "../src/lib/xlsx";
import { At, FactKind, Money, State } from "../src/ui/basics";
import { paceOf } from "../src/ui/pages";
import { byRank, plainOf } from "../src/ui/plain";
import { type Field, draftable } from "../src/ui/QuickForm";
import { filterOf } from "../src/ui/Views";

const name = (group: string, word: string) => `${group}:${word}`;

test("a live list is read again on its first page, the pages after it stand still, and so does every other list", () => {
  touched(Date.now(), () => undefined);
  expect(paceOf(true, 0)()).toBeGreaterThan(0);
  expect(paceOf(true, 1)()).toBe(false);
  expect(paceOf(false, 0)()).toBe(false);
});

test("a cell says its words to a file and its size to the order", () => {
  expect(plainOf(createElement(Money, { fen: -123_456 }), name)).toEqual({ text: "−1,234.56", rank: -123_456, amount: true });
  expect(plainOf(createElement(At, { at: "2026-11-22T16:30:00Z" }), name).text).toContain("00:30");
  expect(plainOf(createElement("span", null, "a ", createElement(State, { word: "open" })), name).text).toBe("a state:open");
  expect(plainOf(createElement(FactKind, { kind: "gift.booked", coded: true }), name).text).toBe("fact:gift.booked gift.booked");
  expect(plainOf(createElement(FactKind, { kind: "gift.booked" }), (_, word) => word).text).toBe("gift.booked");
  expect(plainOf(false, name).text).toBe("");
  expect([9, 10_000n, 2].sort(byRank)).toEqual([2, 9, 10_000n]);
  expect(["", "第10号", "第9号"].sort(byRank)).toEqual(["第9号", "第10号", ""]);
});

test("a view keeps what a list is narrowed to, and not what is open beside it", () => {
  expect(filterOf({ state: "approved", sort: "largest", gift: "abc" }, "abc")).toEqual({ state: "approved", sort: "largest" });
  expect(filterOf({ state: "open", case: "abc", stage: "board" }, "abc board")).toEqual({ state: "open" });
});

/** The files of an archive by their names, each whole and with the length it says. */
function unpacked(bytes: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  for (let at = 0; bytes.readUInt32LE(at) === 0x04034b50; ) {
    const [packed, size, letters] = [bytes.readUInt32LE(at + 18), bytes.readUInt32LE(at + 22), bytes.readUInt16LE(at + 26)];
    const file = bytes.subarray(at + 30, at + 30 + letters).toString();
    const data = inflateRawSync(bytes.subarray(at + 30 + letters, at + 30 + letters + packed));
    expect(data.length).toBe(size);
    files.set(file, data.toString());
    at += 30 + letters + packed;
  }
  return files;
}

test("a workbook holds amounts digit by digit and text that no spreadsheet runs", async () => {
  const book = new Workbook("gifts", ["说明", "金额"]);
  await book.add([["=cmd()|'<x>'\u0007", { amount: "92233720368547758.07" }], ["", { amount: "+1" }]]);
  const files = unpacked(Buffer.from(await (await book.end()).arrayBuffer()));
  const sheet = files.get("xl/worksheets/sheet1.xml") ?? "";
  expect(sheet).toContain("<t xml:space=\"preserve\">=cmd()|'&lt;x&gt;'</t>");
  expect(sheet).toContain("<v>92233720368547758.07</v>");
  expect(sheet).toContain(">+1</t>");
  expect(sheet).not.toContain("<f>");
  expect([...files.keys()]).toHaveLength(6);
});

test("a draft keeps what was typed, and neither files nor what is of a person", () => {
  const fields: Field[] = [{ name: "title", label: "t" }, { name: "sponsor", label: "s", personal: true }, { name: "file", kind: "file", label: "f" }, { name: ["plan", "area"], label: "a" }, { name: ["plan", "responsible_name"], label: "r", personal: true }];
  const entered = { title: "书包", sponsor: "王阿姨", file: {}, plan: { area: "兰山", responsible_name: "王示例" } };
  expect(draftable(fields, entered)).toEqual({ title: "书包", plan: { area: "兰山" } });
  expect(entered.plan.responsible_name).toBe("王示例");
  expect(draftable(fields, { plan: undefined })).toEqual({ plan: undefined });
});
