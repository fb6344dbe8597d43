import { beforeEach, describe, expect, test, vi } from "vitest";
import { csvHead, csvLines } from "../src/lib/csv";
import { draftOf, dropDraft, keepDraft } from "../src/lib/draft";
import { forgetDrafts, load, save } from "../src/lib/stored";
import { bodyOf } from "../src/screens/counter/entry";
import { reportOf, rowsOf } from "../src/screens/imports/report";
import { stepsOfCampaign, stepsOfProject } from "../src/screens/raising/steps";

beforeEach(() => {
  const kept = new Map<string, string>();
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  // Object.keys of a real storage gives its keys; the stand-in does the same.
  vi.stubGlobal("localStorage", new Proxy(storage, { ownKeys: () => [...kept.keys()], getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }) }));
});

describe("a counter entry", () => {
  test("leaves out what was left empty", () => {
    const body = bodyOf({ key: "k", amount_fen: 5_000, account: "cash", project: "general", name: " 王女士 ", phone: " ", receipt: "pending" });
    expect(body).toEqual({ key: "k", amount_fen: 5_000, account: "cash", project: "general", payer: { name: "王女士" }, anonymous: false, receipt: "pending" });
  });
  test("takes a day without a time as noon in Beijing", () => {
    const body = bodyOf({ key: "k", amount_fen: 1, account: "cash", project: "general", day: "2026-05-08" });
    expect(body.paid_at).toBe("2026-05-08T04:00:00.000Z");
  });
});

describe("a draft", () => {
  const now = new Date("2026-05-08T08:00:00Z");
  test("survives the tab for a day and no longer", () => {
    keepDraft("counter", { name: "王女士" }, now);
    expect(draftOf("counter", new Date("2026-05-09T07:59:00Z"))).toEqual({ name: "王女士" });
    expect(draftOf("counter", new Date("2026-05-09T08:01:00Z"))).toBeNull();
    expect(load("draft.counter")).toBeNull();
  });
  test("goes with its sending, and all of them with the person", () => {
    keepDraft("counter", { name: "王女士" }, now);
    dropDraft("counter");
    expect(draftOf("counter", now)).toBeNull();
    keepDraft("counter", { name: "李先生" }, now);
    save("columns.gifts", ["amount"]);
    forgetDrafts();
    expect(draftOf("counter", now)).toBeNull();
    expect(load("columns.gifts")).toEqual(["amount"]);
  });
});

describe("a file for a spreadsheet", () => {
  test("never holds a formula, and keeps commas, quotes and numbers", () => {
    const text = csvHead(["姓名", "金额"]) + csvLines([["=HYPERLINK(\"x\")", "-5.00"], ["王,女士", "1,061,100.00"], ["@cmd", "+1"]]);
    expect(text).toBe('\uFEFF姓名,金额\r\n"\'=HYPERLINK(""x"")",-5.00\r\n"王,女士","1,061,100.00"\r\n\'@cmd,+1\r\n');
  });
});

describe("an import's report", () => {
  const report = {
    file: "a.csv", profile: "wechat-bill", rows_read: 4, gifts_new: 1, gifts_known: 0, sum_new_fen: 100, control_totals: [], changed_nothing: true, import_id: null,
    held: [{ row: 9, reason: "another_amount" }], skipped: [{ row: 2, reason: "money_out" }], refused: [{ row: 7, reason: "time_missing" }, { row: 3, reason: "amount_missing" }],
  };
  test("lists what can be mended first, in the order of the file", () => {
    expect(rowsOf(report).map((row) => `${row.fate} ${row.row}`)).toEqual(["refused 3", "refused 7", "held 9", "skipped 2"]);
  });
  test("is told from other jobs' results", () => {
    expect(reportOf(report)).toBe(report);
    expect(reportOf({ ended: 0 })).toBeNull();
    expect(reportOf(null)).toBeNull();
  });
});

describe("the next step", () => {
  const plan = { starts_on: "2026-05-01", ends_on: "2026-05-31" };
  const campaign = (state: string) => ({ state, plan }) as Parameters<typeof stepsOfCampaign>[0];
  const keys = (state: string, day: string) => stepsOfCampaign(campaign(state), day).map((step) => `${step.key}${step.why ? ` (${step.why})` : ""}`);
  test("of a campaign follows its state, and waits for its days with the reason", () => {
    expect(keys("draft", "2026-04-01")).toEqual(["file", "emergency (step.too_early)"]);
    expect(keys("filed", "2026-04-30")).toEqual(["open (step.too_early)", "change", "give_back"]);
    expect(keys("filed", "2026-05-01")).toEqual(["open", "change", "give_back"]);
    expect(keys("filed", "2026-06-01")).toEqual(["open (step.too_late)", "change", "give_back"]);
    expect(keys("returned", "2026-05-01")).toEqual(["change", "file"]);
    expect(keys("open", "2026-05-08")).toEqual(["target", "change", "end"]);
    expect(keys("settled", "2026-07-01")).toEqual([]);
  });
  test("of a campaign that raises online record its platform's page before it opens", () => {
    const online = (state: string, warnings: string[]) => ({ state, plan, online: true, warnings }) as Parameters<typeof stepsOfCampaign>[0];
    const keys = (state: string, warnings: string[]) => stepsOfCampaign(online(state, warnings), "2026-05-01").map((step) => `${step.key}${step.why ? ` (${step.why})` : ""}`);
    expect(keys("draft", ["online_without_platform"])).toEqual(["file", "list", "emergency (step.open_needs_platform)"]);
    expect(keys("filed", ["online_without_platform"])).toEqual(["list", "open (step.open_needs_platform)", "change", "give_back"]);
    expect(keys("filed", [])).toEqual(["open", "list", "change", "give_back"]);
  });
  test("of a project asks first where its unit demands an approval, and once only", () => {
    const [owed, going, approved] = [{ demanded: true, going: false, approved: false }, { demanded: true, going: true, approved: false }, { demanded: true, going: false, approved: true }];
    const draft = { state: "draft", general: false } as const;
    const open = { state: "open", general: false } as const;
    const told = (steps: { key: string; why?: string }[]) => steps.map((step) => [step.key, step.why ?? null]);
    expect(told(stepsOfProject(draft))).toEqual([["open", null], ["ask_admission", null]]);
    expect(told(stepsOfProject(draft, owed))).toEqual([["ask_admission", null], ["open", "step.open_needs_admission"]]);
    expect(told(stepsOfProject(draft, going))).toEqual([["ask_admission", "step.asked_already"], ["open", "step.open_needs_admission"]]);
    expect(told(stepsOfProject(draft, approved))).toEqual([["open", null]]);
    expect(told(stepsOfProject(open, approved, going)).slice(1, 3)).toEqual([["target", "step.target_needs_approval"], ["ask_raise", "step.asked_already"]]);
  });
  test("never ends a unit's general project", () => {
    expect(stepsOfProject({ state: "open", general: true }).map((step) => step.key)).toEqual(["news"]);
    expect(stepsOfProject({ state: "open", general: false }).map((step) => step.key)).toEqual(["news", "target", "ask_raise", "end"]);
  });
});
