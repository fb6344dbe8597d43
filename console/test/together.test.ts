import { describe, expect, test } from "vitest";
import { evidenceOf } from "../src/screens/screening/evidence";
import { stepOf } from "../src/screens/together/steps";
import type { Say } from "../src/words";

const say: Say = (word, places = {}) => [word, ...Object.values(places)].join(" ");

describe("evidence in words", () => {
  const seen = { gifts: 40, sum_fen: 3_464_000, first_at: "2026-02-07T02:00:00Z", last_at: "2026-02-07T03:30:00Z", limit: 20 };
  test("says what was counted, when, and from where on", () => {
    expect(evidenceOf({ signal: "velocity", evidence: seen }, say)).toEqual([
      "evidence.many 40 34,640.00", "evidence.span 2026-02-07 10:00 2026-02-07 11:30", "evidence.limit 20",
    ]);
    expect(evidenceOf({ signal: "same_sum", evidence: { ...seen, payers: 39 } }, say).slice(0, 2)).toEqual(["evidence.payers 39", "evidence.same 40 34,640.00"]);
    expect(evidenceOf({ signal: "round_trip", evidence: { ...seen, payers: 5 } }, say)[0]).toBe("evidence.phone 5");
    expect(evidenceOf({ signal: "small_burst", evidence: seen }, say)[0]).toBe("evidence.small 40 34,640.00");
  });
  test("says of a name which list it is on, or what it sells with", () => {
    expect(evidenceOf({ signal: "name", evidence: { word: "测试" } }, say)).toEqual(["evidence.listed 测试"]);
    expect(evidenceOf({ signal: "name", evidence: { word: "address" } }, say)).toEqual(["evidence.name.address"]);
    expect(evidenceOf({ signal: "round_trip", evidence: { word: "某某公司" } }, say)).toEqual(["evidence.related 某某公司"]);
    expect(evidenceOf({ signal: "before_campaign", evidence: { campaign_from: "2026-05-01" } }, say)).toEqual(["evidence.early 2026-05-01"]);
  });
});

test("an event’s takings go on step by step, and are not counted before its day", () => {
  const step = (state: string, today = "2026-05-08") => stepOf({ state, held_on: "2026-05-08" }, today);
  expect(step("planned", "2026-05-07")).toEqual({ key: "count", why: "events.not_yet" });
  expect(["planned", "counted_once", "counted", "deposited", "booked"].map((state) => step(state).key)).toEqual(["count", "count", "deposit", "book", null]);
});
