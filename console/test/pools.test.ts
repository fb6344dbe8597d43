import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { type Entered, bodyOf, enteredOf, permilleOfPercent, permilleOfRatio, percentText, ratioText, ruleOf } from "../src/screens/pools/rule";
import { ruleWords } from "../src/screens/pools/words";
import type { Language, Say } from "../src/words";

const day: Entered = {
  kind: "ratio", ratio: "0.5", from_day: "2026-09-07", from_time: "00:00", to_day: "2026-09-09", to_time: "24:00", open: "10:00", close: "22:00",
  minimum_fen: 100, caps: { gift_fen: 50_000, person_day_fen: null, project_fen: 1_000_000 }, payers: "known", round_to_fen: "10", bonus: "5", bonus_from_fen: 10_000,
};

/** The catalogue itself, as the console reads it. */
function sayer(language: Language): Say {
  const all: Record<string, string> = JSON.parse(readFileSync(path.resolve(import.meta.dirname, `../../locales/${language}.json`), "utf8"));
  return (word, places = {}) => (all[word] ?? all[`console.${word}`] ?? word).replace(/\{(\w+)\}/g, (_, place: string) => String(places[place]));
}

describe("ratios and shares", () => {
  test("are thousandths without a float, and nothing that does not fit", () => {
    expect(["1", "0.5", "1.005", "１．５"].map(permilleOfRatio)).toEqual([1000, 500, 1005, 1500]);
    expect(["", "0.0005", "-1", "1e3", "two"].map(permilleOfRatio)).toEqual([null, null, null, null, null]);
    expect(["12.5", "100", "0.1", "12.55"].map(permilleOfPercent)).toEqual([125, 1000, 1, null]);
    expect([1000, 500, 1005, 50].map(ratioText)).toEqual(["1", "0.5", "1.005", "0.05"]);
    expect([125, 1000, 1].map(percentText)).toEqual(["12.5", "100", "0.1"]);
  });
});

describe("the rule of a form", () => {
  test("is the server’s JSON: a day’s end is the next day’s beginning, empty sums are no caps", () => {
    expect(ruleOf(day)).toEqual({
      eligible: { projects: [], channels: [], payer_kinds: [], payers: "known", excluded: [] },
      window: { spans: [{ from: "2026-09-06T16:00:00.000Z", to: "2026-09-09T16:00:00.000Z" }], daily: { open: "10:00", close: "22:00" } },
      base: { minimum_fen: 100 }, kind: { kind: "ratio", permille: 500 }, bonus: [{ permille: 50, from_fen: 10_000, projects: [] }], round_to_fen: 10,
      caps: { gift_fen: 50_000, project_fen: 1_000_000 }, partial: "allowed", stacking: "adds", on_refund: "to_pool",
    });
  });
  test("waits for what is missing", () => {
    for (const missing of [{ ratio: "" }, { from_day: undefined }, { to_time: "25:00" }, { close: "" }, { kind: "tiers" as const, tiers: [{ from_fen: 100 }] }]) {
      expect(ruleOf({ ...day, ...missing })).toBeNull();
    }
  });
  test("orders tiers, and reads telephones one a line", () => {
    const tiers = ruleOf({ ...day, kind: "tiers", tiers: [{ from_fen: 10_000, ratio: "2" }, { from_fen: 100, ratio: "1" }] })?.kind;
    expect(tiers).toEqual({ kind: "tiers", tiers: [{ from_fen: 100, permille: 1000 }, { from_fen: 10_000, permille: 2000 }] });
    expect(bodyOf({ ...day, excluded_phones: "13800000001\n 13800000002，13800000003" }, ["ab"])).toMatchObject({ excluded_phones: ["13800000001", "13800000002", "13800000003"], rule: { eligible: { excluded: ["ab"] } } });
  });
  test("comes back into the form as the same rule, for every kind", () => {
    const kinds: Partial<Entered>[] = [
      {}, { kind: "per_action", each_fen: 200 }, { kind: "tiers", tiers: [{ from_fen: 100, ratio: "1.5" }] }, { kind: "random", from_fen: 1, to_fen: 888, chance: "12.5" },
      { kind: "proportional" }, { kind: "quadratic", share: "30" }, { whole: true, alone: true, to_sponsor: true, hold_from_fen: 100_000, payer_kind: "organisation", channels: ["wechat"] },
    ];
    for (const kind of kinds) {
      const rule = ruleOf({ ...day, ...kind });
      expect(rule).not.toBeNull();
      expect(rule && ruleOf(enteredOf(rule) as Entered)).toEqual(rule);
    }
  });
  test("keeps days of their own share in order and waits for an incomplete or doubled one", () => {
    const days = [{ on: "2026-09-08", most_fen: 300 }, { on: "2026-09-07", most_fen: 500 }];
    const rule = ruleOf({ ...day, caps: { pool_day_fen: 200 }, pool_days: days, counties: ["371300"] });
    expect(rule?.caps).toEqual({ pool_day_fen: 200, pool_days: [days[1], days[0]] });
    expect(rule && ruleOf(enteredOf(rule) as Entered)).toEqual(rule);
    const said = rule && ruleWords(rule, sayer("en"), "en", (word) => word);
    expect(said).toEqual(expect.arrayContaining(["Only for projects in 371300.", "The pool’s share of the day: ¥2.00.", "Of gifts paid on 7 September 2026 the pool gives at most ¥5.00 in all."]));
    expect(ruleOf({ ...day, pool_days: [{ on: "2026-09-07" }] })).toBeNull();
    expect(ruleOf({ ...day, pool_days: [days[0]!, days[0]!] })).toBeNull();
  });
  test("is not opened when the form would lose a part of it", () => {
    const rule = ruleOf(day);
    const span = rule?.window.spans[0];
    expect(rule && span && enteredOf({ ...rule, window: { spans: [span, span] } })).toBeNull();
    expect(rule && enteredOf({ ...rule, bonus: [{ permille: 5, from_fen: 0, projects: ["aed"] }] })).toBeNull();
  });
});

test("a rule is told in both languages as the server publishes it", () => {
  const rule = ruleOf(day);
  const told = (language: Language) => (rule ? ruleWords(rule, sayer(language), language, (word) => word) : []);
  expect(told("zh-Hans")).toEqual([
    "每捐 1 元，配 0.5 元。", "付款时间：2026年9月7日 00:00 至 2026年9月10日 00:00。", "每日 10:00 至 22:00（北京时间）。", "单笔满 1.00 元 起配。", "捐赠人须可识别（支付账号或手机号）。",
    "满 100.00 元 的配捐乘以 1.05。", "每笔上限：500.00 元。", "项目上限：10,000.00 元。", "余额不足时配剩余部分。", "捐赠退款时，配捐按比例退回配捐池；池已关闭则退回捐方。",
    "以付款确认时的先后为准，配完即止，不保证每笔都配。",
  ]);
  expect(told("en")[1]).toBe("Paid from 7 September 2026, 00:00 Beijing time to 10 September 2026, 00:00 Beijing time.");
  expect(told("en")[6]).toBe("The limit for one gift: ¥500.00.");
});
