import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import type { Case, Entry, Policy, Stage } from "../src/api/approvals";
import { sha256Of } from "../src/lib/sha256";
import { changeOf } from "../src/screens/approvals/change";
import { leftNow, leftWords, limitIn, limitWords, toneOf } from "../src/screens/approvals/clock";
import { drawOf, papersAsked, rowsOf, ticketsOf, voicesOf } from "../src/screens/approvals/course";
import { effectOf } from "../src/screens/approvals/effect";
import { faultOf, lineOf, parsed, written } from "../src/screens/approvals/fault";
import { amendable, deedsOf, needsWords, stagesOfMine, totalOf, waysAt, whyNotAt } from "../src/screens/approvals/may";
import { isKept, papersIn, sizeOf, wrongIn } from "../src/screens/approvals/papers";
import { howOf, withChanged, withHow, withStage, withWho, withoutStage, whoOf } from "../src/screens/approvals/stageEdits";
import { tellHead, tellStage } from "../src/screens/approvals/tell";
import { wayOf } from "../src/screens/gifts/way";
import { stepsOfDocking } from "../src/screens/raising/docking";
import { ApiProblem } from "../src/api/problem";
import { mayJoin, oneByOne } from "../src/ui/oneByOne";
import type { Say } from "../src/words";

const ROOT = path.resolve(import.meta.dirname, "../..");
const words = (language: string): Record<string, string> => JSON.parse(readFileSync(path.join(ROOT, `locales/${language}.json`), "utf8"));
/** The words as the console says them; one that is missing fails the test. */
function saying(language: "zh-Hans" | "en"): Say {
  const all = words(language);
  return (word, places) => {
    const text = all[`console.${word}`];
    if (text === undefined) throw new Error(`no word “${word}”`);
    return text.replace(/\{(\w+)\}/g, (_, place: string) => String(places?.[place] ?? `{${place}}`));
  };
}
const telling = (language: "zh-Hans" | "en") => {
  const all = words(language);
  return { say: saying(language), language, name: (group: string, word: string) => all[`console.${group}.${word}`] ?? word };
};
const SHIPPED = path.join(ROOT, "crates/governance/src/approvals/shipped");
const shipped = (name: string): Policy => JSON.parse(readFileSync(path.join(SHIPPED, name), "utf8"));
const ADMISSION = shipped("project_admission.v1.json");

const stage = (key: string, more: Partial<Stage> = {}): Stage => ({
  key, title: ADMISSION.stages.find((one) => one.key === key)?.title ?? key, title_en: "", state: "waiting", escalated: false, nobody_left: false, mine: false, papers_missing: [], seats: [], sheet: [], ...more,
});
const entry = (kind: string, more: Partial<Entry> = {}): Entry => ({ number: 1, at: "2026-05-08T08:00:00Z", kind, people: [], papers: [], ...more });
const kase = (more: Partial<Case> = {}): Case => ({
  id: "c", unit: "u", subject_kind: "project_admission", subject: "p", title: "净水站", state: "open", fast_lane: false, round: 1, asked_at: "2026-05-08T08:00:00Z",
  summary: "为三个村建净水站", asked_by: { id: "asker", name: "asker" }, is_mine: false, policy: ADMISSION.title, policy_en: "", policy_version: 1, document: ADMISSION, details: {}, papers_owed: [], files: [], history: [],
  stages: ADMISSION.stages.map((one) => stage(one.key)), ...more,
});
const me = { me: "me", awaited: [] };

describe("the clock", () => {
  test("counts from what the server said, whatever this machine's clock shows", () => {
    expect(leftNow(600, 1_000, 61_400)).toBe(540);
    expect(leftNow(600, 5_000, 1_000)).toBe(600);
    expect([toneOf(121), toneOf(120), toneOf(0), toneOf(-1)]).toEqual(["calm", "soon", "soon", "late"]);
  });
  test("says minutes with seconds, then hours, then days, and by how much it is over", () => {
    const say = saying("zh-Hans");
    expect([leftWords(581, say), leftWords(5, say), leftWords(86_100, say), leftWords(6 * 86_400 + 5, say), leftWords(-35, say)])
      .toEqual(["剩 9:41", "剩 0:05", "剩 23 小时 55 分", "剩 6 天", "超时 0:35"]);
  });
  test("says a limit in the largest unit that is whole", () => {
    expect([limitIn(600), limitIn(604_800), limitIn(90), limitIn(5_400)])
      .toEqual([{ count: 10, unit: "minutes" }, { count: 7, unit: "days" }, { count: 90, unit: "seconds" }, { count: 90, unit: "minutes" }]);
    expect([limitWords(86_400, saying("en")), limitWords(600, saying("en"))]).toEqual(["1 day", "10 minutes"]);
  });
});

describe("the course of a case", () => {
  test("puts stages that run beside each other in one row, and one under the other where the policy is not known", () => {
    const keys = (document: Policy | null) => rowsOf(kase().stages, document).map((row) => row.map((one) => one.key));
    expect(keys(ADMISSION)).toEqual([["proposal"], ["documents", "due_diligence"], ["scoring"], ["cross_check"], ["committee"]]);
    expect(keys(null)).toHaveLength(6);
  });
  test("tells who was asked and what was said since the stage was last opened", () => {
    const [li, wang] = [{ id: "li", name: "li" }, { id: "wang", name: "wang" }];
    const history = [
      entry("opened", { stage: "proposal", people: [li] }), entry("acted", { stage: "proposal", by: li, verdict: "send_back", words: "缺预算" }),
      entry("opened", { stage: "proposal", people: [li, wang] }), entry("acted", { stage: "proposal", by: wang, verdict: "approve", words: "" }),
    ];
    const voices = voicesOf(kase({ history }), stage("proposal", { state: "passed" }));
    expect(voices.map((voice) => [voice.person.name, voice.verdict])).toEqual([["li", null], ["wang", "approve"]]);
    const open = stage("proposal", { state: "open", seats: [{ ...li }] });
    expect(voicesOf(kase({ history }), open).map((voice) => voice.person.name)).toEqual(["li"]);
  });
  test("repeats a draw as anybody can with sha256sum", () => {
    expect(sha256Of("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect(sha256Of("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect(sha256Of("a".repeat(1_000))).toBe("41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3");
    const seed = "00".repeat(32);
    const tickets = ticketsOf(seed, ["a", "b", "c"]);
    expect(tickets.map((ticket) => ticket.digest)).toEqual([1, 2, 3].map((n) => sha256Of(`${seed}:${n}`)).sort());
    const history = [entry("opened", { stage: "cross_check", people: [{ id: "b", name: "b" }], draw: { seed, pool: ["a", "b", "c"] } })];
    expect(drawOf(kase({ history }), "cross_check")).toEqual({ seed, pool: ["a", "b", "c"], drawn: ["b"] });
    expect(drawOf(kase({ history }), "committee")).toBeNull();
  });
  test("knows all papers that its stages ask for", () => {
    expect(papersAsked(ADMISSION)).toEqual(["plan", "budget", "due_diligence"]);
  });
});

describe("what I may do", () => {
  const open = (key: string, more: Partial<Stage> = {}) => stage(key, { state: "open", ...more });
  const at = (one: Stage, more: Partial<Case> = {}) => kase({ stages: ADMISSION.stages.map((spec) => (spec.key === one.key ? one : stage(spec.key))), ...more });
  test("is nothing for who asked, is concerned, has spoken, or is not asked; and each hears why", () => {
    const mine = open("proposal", { mine: true });
    expect(whyNotAt(at(mine), mine, me)).toBeNull();
    expect(whyNotAt(at(mine, { is_mine: true }), mine, me)?.word).toBe("approvals.why.asker");
    expect(whyNotAt(at(mine, { history: [entry("declared", { by: { id: "me", name: "me" } })] }), mine, me)?.word).toBe("approvals.why.concerned");
    expect(whyNotAt(at(mine, { history: [entry("submitted", { people: [{ id: "me", name: "me" }] })] }), mine, me)?.word).toBe("approvals.why.concerned");
    const said = open("proposal", { seats: [{ id: "me", name: "me", verdict: "approve" }] });
    expect(whyNotAt(at(said), said, me)?.word).toBe("approvals.why.twice");
    const others = open("proposal");
    expect(whyNotAt(at(others), others, me)?.word).toBe("approvals.why.not_seated");
    expect(whyNotAt(at(mine, { state: "approved" }), mine, me)?.word).toBe("approvals.why.over");
  });
  test("is also what the server waits for me with, though I came to the role later", () => {
    const others = open("documents");
    expect(stagesOfMine(at(others), { me: "me", awaited: ["documents"] }).map((one) => one.key)).toEqual(["documents"]);
    expect(stagesOfMine(at(others), me)).toEqual([]);
  });
  test("follows how the stage decides: papers hold up a yes alone, no sending back where there is none, sheets where there are scores", () => {
    const bare = open("proposal", { mine: true, papers_missing: ["plan"] });
    const why = (one: Stage, more: Partial<Case> = {}) => Object.fromEntries(waysAt(at(one, more), one, ADMISSION, me).map(({ way, why: not }) => [way, not?.word ?? null]));
    expect(why(bare)).toEqual({ approve: "approvals.why.papers", refuse: null, send_back: null, abstain: null, conflict: null });
    expect(why(bare, { fast_lane: true }).approve).toBeNull();
    const scores = open("scoring", { mine: true, sheet: ADMISSION.stages[3]?.sheet?.map((item) => ({ ...item, title_en: "" })) ?? [] });
    expect(why(scores)).toEqual({ score: null, send_back: "approvals.why.no_send_back", abstain: null, conflict: null });
    expect(waysAt(at(scores), scores, null, me).find((one) => one.way === "send_back")?.why).toBeNull();
  });
  test("needs words for a no, for sending back, and for whatever a body outside found", () => {
    const [proposal, , outside] = ADMISSION.stages;
    expect([needsWords("approve", proposal ?? null), needsWords("refuse", proposal ?? null), needsWords("send_back", null), needsWords("approve", outside ?? null)]).toEqual([false, true, true, true]);
  });
  test("to the case itself is the asker's while nobody has spoken, and only what the stage lets be changed", () => {
    const first = open("proposal", { seats: [{ id: "li", name: "li" }] });
    const mine = at(first, { is_mine: true });
    expect(deedsOf(mine, ADMISSION, me)).toEqual(["amend", "withdraw"]);
    const spoken = open("proposal", { seats: [{ id: "li", name: "li", verdict: "abstain" }] });
    expect(deedsOf(at(spoken, { is_mine: true }), ADMISSION, me)).toEqual(["withdraw"]);
    const second = open("documents", { seats: [{ id: "li", name: "li" }] });
    expect(amendable(at(second, { is_mine: true }), ADMISSION, me)?.parts).toEqual(["papers"]);
    expect(amendable(at(second), ADMISSION, me)).toBeNull();
    expect(deedsOf(kase({ is_mine: true, state: "sent_back" }), ADMISSION, me)).toEqual(["resubmit", "withdraw"]);
    expect(deedsOf(kase({ state: "approved", papers_due_at: "2026-05-09T00:00:00Z", papers_owed: ["plan"] }), ADMISSION, me)).toEqual(["hand_in"]);
    expect(deedsOf(kase({ is_mine: true, state: "refused" }), ADMISSION, me)).toEqual([]);
  });
  test("with a sheet is to fill every item within its bounds", () => {
    const sheet = { sheet: [{ key: "need", title: "需求", title_en: "", max: 30 }, { key: "plan", title: "方案", title_en: "", max: 70 }] };
    expect([totalOf(sheet, { need: 30, plan: 41 }), totalOf(sheet, { need: 30 }), totalOf(sheet, { need: 31, plan: 1 }), totalOf(sheet, { need: 0, plan: 0 })]).toEqual([71, null, null, 0]);
  });
  test("says what an approval does: the next stage, the count, or the end", () => {
    const t = telling("zh-Hans");
    const one = open("scoring");
    expect(effectOf(kase(), one, ADMISSION, t)).toBe("计入本环节，票数或人数够了就有结果。");
    expect(effectOf(kase(), stage("cross_check", { state: "open" }), ADMISSION, t)).toBe("同意后进入“组委会集体表决”。");
    expect(effectOf(kase(), open("proposal"), ADMISSION, t)).toBe("同意后进入“材料审核”和“第三方专业机构尽调”。");
    const last: Policy = { ...ADMISSION, stages: ADMISSION.stages.slice(0, 1) };
    expect(effectOf(kase({ stages: [open("proposal")] }), open("proposal"), last, t)).toBe("同意后准许立项：活动已开放的，项目随即开放募捐。");
    expect(effectOf(kase({ subject_kind: "target_raise", details: { target_fen: 5_000_000 } as never, stages: [open("proposal")] }), open("proposal"), last, t)).toBe("同意后目标随即提高到 50,000.00 元。");
  });
});

describe("a policy in words", () => {
  test("says who decides what in which order", () => {
    const t = telling("zh-Hans");
    expect(tellHead(ADMISSION, t)).toEqual(["可以审批，不强制。", "共 6 个环节。", "没有应急通道。"]);
    const [proposal, documents, outside, scoring, lot, committee] = ADMISSION.stages.map((one) => tellStage(one, ADMISSION, t));
    expect(proposal).toEqual([
      "提交后立即开始。", "由本单位的负责人（没有的由最近的上级）决定：任一人同意即通过。", "时限 10 分钟，过半提醒；到时未定的，转请上级单位的负责人。",
      "没有这些材料不能同意：实施方案。", "无人表态前可以修改：标题、事由说明和材料。", "可以退回补正，补正后从头再来。",
    ]);
    expect(documents?.slice(0, 2)).toEqual(["“发起单位自查”通过后开始。", "与“第三方专业机构尽调”同时进行。"]);
    expect(outside).toContain("外部机构“第三方专业机构”，由总部的募捐专员登记结论。");
    expect(scoring).toContain("由总部的负责人决定：收齐 2 份评分，平均 60 分（满分 100）通过。");
    expect(scoring).toContain("评分项：需求真实（0–30）、方案可行（0–30）、预算合理（0–20）和执行能力（0–20）。");
    expect(lot).toContain("从中抽签抽出 1 人。");
    expect(committee).toContain("由总部的负责人决定：表决，三分之二以上参加有效，全体成员的过半数同意通过。");
  });
  test("tells all that ships in both languages without an empty place", () => {
    for (const file of readdirSync(SHIPPED)) {
      for (const language of ["zh-Hans", "en"] as const) {
        const policy = shipped(file);
        const lines = [...tellHead(policy, telling(language)), ...policy.stages.flatMap((one) => tellStage(one, policy, telling(language)))];
        expect(lines.filter((line) => /\{\w+\}|undefined|NaN/.test(line) || !line.trim())).toEqual([]);
      }
    }
  });
});

describe("writing a policy", () => {
  test("finds the place that the server names, in the form and in the text", () => {
    expect(faultOf("stages.committee.how.pass")).toEqual({ stage: "committee", part: "how" });
    expect(faultOf("stages.people")).toEqual({ stage: null, part: "stages.people" });
    expect(faultOf("fast_lane.stages")).toEqual({ stage: null, part: "fast_lane.stages" });
    expect(faultOf(null)).toBeNull();
    const lines = written(ADMISSION).split("\n");
    const at = (stageKey: string | null, part: string) => lines[lineOf(ADMISSION, { stage: stageKey, part }) - 1]?.trim();
    expect(at("due_diligence", "limit_s")).toBe('"limit_s": 604800,');
    expect(at("scoring", "sheet")).toBe('"sheet": [');
    expect(at("committee", "who")).toBe('"who": {');
    expect(at(null, "title")).toBe(`"title": "${ADMISSION.title}",`);
    // What is not written stands at its stage.
    expect(lines[lineOf(ADMISSION, { stage: "committee", part: "papers" })]?.trim()).toBe('"key": "committee",');
    expect(parsed("{")).toHaveProperty("line");
    expect(parsed('{"title": "x"}')).toEqual({ policy: { title: "x" } });
  });
  test("keeps the order whole when stages come, go and are renamed", () => {
    const more = withStage(ADMISSION);
    expect(more.stages.at(-1)).toMatchObject({ key: "stage_7", after: ["committee"] });
    const fewer = withoutStage({ ...ADMISSION, fast_lane: { stages: ["documents", "committee"], papers_within_s: 60 } }, 1);
    expect(fewer.stages.find((one) => one.key === "scoring")?.after).toEqual(["proposal", "due_diligence"]);
    expect(fewer.fast_lane?.stages).toEqual(["committee"]);
    const first = ADMISSION.stages[0];
    const renamed = first && withChanged(ADMISSION, 0, { ...first, key: "check" });
    expect(renamed?.stages[1]?.after).toEqual(["check"]);
  });
  test("lets only scores have a sheet, and an outside body speak with one voice", () => {
    const scoring = ADMISSION.stages[3];
    if (!scoring) throw new Error("it has six stages");
    expect(withHow(scoring, howOf("any")).sheet).toEqual([]);
    expect(withHow(scoring, howOf("scores")).sheet).toHaveLength(4);
    expect(withWho(scoring, whoOf("outside"))).toMatchObject({ how: { kind: "any" }, sheet: [] });
  });
});

describe("asking", () => {
  test("sends the papers that were filled in, and says what is missing of one that was begun", () => {
    expect(papersIn([{ kind: "plan", name: "方案" }, { kind: "budget", name: " 预算 ", words: " 三万元 " }])).toEqual([{ kind: "budget", name: "预算", sha256: "", words: "三万元" }]);
    expect([wrongIn([{ kind: "plan", name: "方案" }]), wrongIn([{ words: "x", name: "y" }]), wrongIn([{ kind: "plan", words: "x" }]), wrongIn(undefined)])
      .toEqual([null, "approvals.papers.wrong_kind", "approvals.papers.wrong_name", null]);
  });
  test("sends of a mended case only what reads otherwise", () => {
    expect(changeOf({ title: "a", summary: "b" }, { title: "a", summary: "c", words: "改了" })).toEqual({ summary: "c", papers: [] });
    expect(changeOf({ title: "a", summary: "b" }, {})).toEqual({ papers: [] });
  });
});

describe("what a case decides elsewhere", () => {
  test("a refund is decided by two people, in its case, or by a case that must be put first", () => {
    const waits = { state: "requested", by_case: true } as const;
    expect([
      wayOf({ state: "requested", by_case: false }), wayOf({ ...waits, case: "c", case_state: "open" }), wayOf({ ...waits, case: "c", case_state: "withdrawn" }),
      wayOf(waits), wayOf({ ...waits, case: "c", case_state: "approved" }),
    ]).toEqual(["two", "case", "owed", "owed", "left"]);
  });
  test("the effect of the last word on a refund names the sum", () => {
    const document = shipped("refund.v1.json");
    const one = kase({ subject_kind: "refund", details: { amount_fen: 12_345 } as never, document, stages: [stage("finance", { state: "passed" }), stage("leader", { state: "open", mine: true })] });
    expect(effectOf(one, one.stages[1] as Stage, document, telling("zh-Hans"))).toBe("同意后随即退款 123.45 元并记账，不能撤回。");
  });
  test("a partner is asked for once its gates are open, and named once it is approved", () => {
    const keys = (docking: Parameters<typeof stepsOfDocking>[0]) => stepsOfDocking(docking).map((step) => (step.why ? `${step.key}!` : step.key));
    const paper = { sha256: "", conclusion: "", assessed_on: "2026-05-08", number: "", signed_on: "2026-05-08" };
    expect([
      keys({ state: "prepared", missing: ["assessment", "agreement", "plan_naming"], assessment: null, agreement: null }),
      keys({ state: "prepared", missing: ["plan_naming"], assessment: paper, agreement: paper }),
      keys({ state: "prepared", missing: [], assessment: paper, agreement: paper }),
      keys({ state: "prepared", missing: [], assessment: paper, agreement: paper, case_state: "open" }),
      keys({ state: "approved", missing: [], assessment: paper, agreement: paper, case_state: "approved" }),
      keys({ state: "ended", missing: [], assessment: paper, agreement: paper }),
    ]).toEqual([["assess", "agree", "ask!", "end"], ["ask!", "assess", "agree", "end"], ["ask", "assess", "agree", "end"], ["ask!"], ["name", "end"], []]);
  });
  test("a file of a kind that is kept goes to the house, of another only its fingerprint", () => {
    expect([isKept({ type: "application/pdf", size: 10 << 20 }), isKept({ type: "application/pdf", size: (10 << 20) + 1 }), isKept({ type: "application/zip", size: 1 })]).toEqual([true, false, false]);
    expect([sizeOf(1), sizeOf(2_048), sizeOf(3 << 20)]).toEqual(["1 KB", "2 KB", "3.0 MB"]);
  });
});

describe("several at once", () => {
  const problem = (status: number) => new ApiProblem("four-eyes", status, "title", "", null, null);
  test("are told one by one: a refusal keeps none of the others back, a lost session all that follow", async () => {
    const asked: string[] = [];
    const decide = async (one: string) => {
      asked.push(one);
      if (one === "own") throw problem(409);
      if (one === "late") throw problem(401);
    };
    const outcomes = await oneByOne(["a", "own", "b", "late", "c"], decide, () => undefined);
    expect(outcomes.map((one) => `${one.row} ${one.fate}`)).toEqual(["a done", "own refused", "b done", "late refused", "c left"]);
    expect(asked).toEqual(["a", "own", "b", "late"]);
  });
  test("without an answer are neither done nor refused: the house may have done it", async () => {
    const decide = async (one: string) => {
      if (one === "lost") throw problem(0);
    };
    const outcomes = await oneByOne(["a", "lost", "c"], decide, () => undefined);
    expect(outcomes.map((one) => `${one.row} ${one.fate}`)).toEqual(["a done", "lost unsure", "c left"]);
  });
  test("are of one kind", () => {
    const kindOf = (one: string) => one.slice(0, 1);
    expect([mayJoin([], "r1", kindOf), mayJoin(["r1"], "r2", kindOf), mayJoin(["r1"], "p1", kindOf), mayJoin(Array<string>(50).fill("r1"), "r2", kindOf)]).toEqual([true, true, false, false]);
  });
});
