import { describe, expect, it } from "vitest";
import type { Notice, StaffNotice } from "../src/api/notices";
import type { Condition } from "../src/api/supervision";
import { draftFrom, enteredFrom, stepsOfNotice } from "../src/screens/public/notices";
import { conditionFrom } from "../src/screens/watch/condition";

const notice = (state: Notice["state"]): Notice => ({
  id: "n", unit: "u", kind: "spending", campaign: null, project: "p", state, texts: { title: "题", body: "文", title_en: "", body_en: "" }, blocks: [], blocks_en: [], files: [],
  version: 1, corrects: null, corrected_by: null, year: null, number: null, sha256: null, published_at: null, ended_at: null, end_reason: null, created_at: "2026-11-23T00:00:00Z",
});
const steps = (state: Notice["state"], case_state: StaffNotice["case_state"] = null) => stepsOfNotice({ notice: notice(state), case_state }).map((step) => step.key);

describe("what can be done about a notice", () => {
  it("is writing and asking while it is a draft that nobody decides about", () => {
    expect(steps("draft")).toEqual(["ask", "edit", "files", "drop"]);
    expect(steps("draft", "withdrawn")).toEqual(["ask", "edit", "files", "drop"]);
  });
  it("is nothing while a case decides, or has approved it", () => {
    for (const state of ["open", "sent_back", "approved"] as const) expect(steps("draft", state)).toEqual([]);
  });
  it("is correcting and withdrawing the version that stands, and nothing afterwards", () => {
    expect(steps("published", "approved")).toEqual(["correct", "withdraw"]);
    for (const state of ["corrected", "withdrawn", "dropped"] as const) expect(steps(state)).toEqual([]);
  });
  it("comes back from the form as it went in", () => {
    const entered = enteredFrom({ notice: notice("draft") });
    expect(draftFrom(entered)).toEqual({ kind: "spending", project: "p", texts: { title: "题", body: "文", title_en: "", body_en: "" } });
    expect(draftFrom({ ...entered, project: undefined })).not.toHaveProperty("project");
  });
});

describe("a rule's condition", () => {
  it("holds what its kind asks for and nothing else", () => {
    const typed = { unit: "u", title: "规则", over_fen: 100, when: "requested" as const, over_percent: 80, project: "p", item: " ", from_hour: 0, to_hour: 6 };
    const told = (kind: Condition["kind"]) => conditionFrom({ ...typed, kind });
    expect(told("refund_over")).toEqual({ kind: "refund_over", over_fen: 100, when: "requested" });
    expect(told("expenditure_over")).toEqual({ kind: "expenditure_over", over_fen: 100 });
    expect(told("spending_share")).toEqual({ kind: "spending_share", over_percent: 80, project: "p" });
    expect(told("goods_out_of_hours")).toEqual({ kind: "goods_out_of_hours", from_hour: 0, to_hour: 6 });
    expect(told("watched")).toEqual({ kind: "watched" });
  });
});
