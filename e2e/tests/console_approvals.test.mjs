// Approvals in the console: a policy is published, a project is asked for, decided on phones in two taps, mended, minuted.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;
const WAIT_MS_MAX = 20_000;
/** “Within about a second”, with room for a browser that shares two cores with a build. */
const HEARD_MS_MAX = 2_500;
const HEADS = ["head-one", "head-two", "head-three"];
const TITLE = "示例村净水站";

/** Four stages: documents; due diligence and scores beside each other; the committee. */
const POLICY = {
  title: "项目准入审查", title_en: "Admission of projects", required: true,
  stages: [
    { key: "documents", title: "材料审核", title_en: "Documents", who: { kind: "role", role: "finance_officer", at: "own" }, how: { kind: "any" }, send_back: "start", edits: ["title", "summary", "papers"], papers: ["plan"] },
    { key: "due_diligence", title: "第三方尽调", title_en: "Due diligence", after: ["documents"], limit_s: 604_800, who: { kind: "outside", body: "示例评估机构", recorder: "finance_officer", at: "own" }, how: { kind: "any" }, send_back: "here" },
    { key: "scoring", title: "评审打分", title_en: "Scores", after: ["documents"], limit_s: 86_400, who: { kind: "role", role: "leader", at: "own" }, how: { kind: "scores", needed: 2, pass: 60 }, sheet: [{ key: "need", title: "需求真实", title_en: "The need is real", max: 50 }, { key: "plan", title: "方案可行", title_en: "The plan can be done", max: 50 }] },
    { key: "committee", title: "组委会表决", title_en: "The committee votes", after: ["due_diligence", "scoring"], limit_s: 86_400, who: { kind: "committee", name: "组委会", people: HEADS }, how: { kind: "vote", quorum: "two_thirds", majority: "more_than_half", of: "members" }, send_back: "here" },
  ],
};
/** A kind of the unit’s own, which nobody of the program owns, with a draw and an emergency lane, for what the admission does not have. */
const BAZAAR = {
  title: "公告发布", title_en: "Publishing a notice",
  fast_lane: { stages: ["leader"], papers_within_s: 86_400 },
  stages: [
    { key: "check", title: "抽签互查", title_en: "Cross-check by lot", who: { kind: "role", role: "leader", at: "own" }, how: { kind: "any" }, draw: 1, papers: ["report"], send_back: "start" },
    { key: "leader", title: "负责人审批", title_en: "The leader decides", after: ["check"], who: { kind: "role", role: "leader", at: "own" }, how: { kind: "any" } },
  ],
};

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** @typedef {Awaited<ReturnType<typeof atWork>>} Somebody */
/** @type {Record<string, Somebody>} */
const people = {};
let campaign = "";

/** @param {() => Promise<boolean>} so @param {string} what */
async function until(so, what) {
  const end = Date.now() + WAIT_MS_MAX;
  while (!(await so())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${WAIT_MS_MAX} ms`);
    await new Promise((tick) => setTimeout(tick, 200));
  }
}

/**
 * A person at their first screen.
 * @param {string} name @param {string[]} roles @param {typeof SIZES[number]} size @param {typeof LANGUAGES[number]} language
 */
async function atWork(name, roles, size = DESK, language = ZH) {
  const user = await person(house, name, roles);
  const opened = await openPage(browser, size, language);
  await accept(opened.page, await invitation(house, user.id), password());
  return { ...opened, user };
}

/** A call as somebody else. @param {Somebody} who @param {string} path @param {object} body @returns {Promise<any>} */
async function as(who, path, body) {
  const { token } = await asAdmin(house, `/api/v1/users/${who.user.id}/tokens`, { name: path.slice(-40) });
  const answer = await fetch(house.base + path, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "accept-language": "en" }, body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** @param {Somebody} who @param {string} path */
const go = (who, path) => who.page.goto(`${house.base}/console/${path}`);
/** The line of a case on a phone. @param {Somebody} who @param {string} title */
const line = (who, title) => who.page.locator(".phone-list button", { hasText: title });
/** A button at the foot of the open case. @param {Somebody} who @param {string | RegExp} name */
const foot = (who, name) => who.page.locator(".panel .acts").getByRole("button", { name });
/** How long it takes until something is there. @param {import("playwright-core").Locator} what @param {"visible" | "hidden"} [state] */
async function heard(what, state = "visible") {
  const from = Date.now();
  await what.first().waitFor({ state, timeout: WAIT_MS_MAX });
  return Date.now() - from;
}

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  const { items } = await asAdmin(house, "/api/v1/campaigns");
  campaign = items.find((/** @type {any} */ one) => one.state === "open").id;
  people.asker = await atWork("asks", ["fundraising_officer"]);
  people.finance = await atWork("finance-one", ["finance_officer"], PHONE);
  people.second = await atWork("finance-two", ["finance_officer"]);
  for (const [at, name] of HEADS.entries()) people[name] = await atWork(name, ["leader"], at === 2 ? DESK : PHONE, at === 1 ? EN : ZH);
});
after(async () => {
  for (const who of Object.values(people)) await who.close();
  await browser?.close();
  await house?.stop();
});

test("a leader publishes a policy: its text is refused at its line, mended, and read in plain words", SKIP, async () => {
  const who = /** @type {Somebody} */ (people["head-three"]);
  const { page } = who;
  await go(who, "policies");
  await page.locator("tbody tr.ant-table-row", { hasText: "项目准入" }).click();
  await page.locator(".panel").getByText("可以审批，不强制。").waitFor();
  await foot(who, "改成新版").click();
  await page.getByRole("checkbox", { name: /必须审批/ }).check();
  await page.locator(".preview").getByText("必须审批：没有通过，事情就办不成。").waitFor();
  await page.getByText("文本（JSON）").click();
  const text = page.getByRole("textbox", { name: "文本（JSON）" });
  await text.fill(JSON.stringify({ ...POLICY, stages: POLICY.stages.map((one) => (one.key === "scoring" ? { ...one, limit_s: 1 } : one)) }));
  await page.locator(".preview").getByText("组委会表决").first().waitFor();
  await page.getByRole("button", { name: "发布这一版" }).click();
  await page.locator(".text-editor [data-wrong]", { hasText: /第 \d+ 行：时限为 60 秒至 90 天.*"limit_s": 1/ }).waitFor();
  await page.getByText("表单", { exact: true }).click();
  const stage = page.locator("[data-stage-form=scoring]");
  await stage.locator("[data-wrong]", { hasText: "时限为 60 秒至 90 天" }).waitFor();
  await stage.getByLabel("时限", { exact: true }).first().fill("86400");
  await page.locator(".preview").getByText("时限 1 天，过半提醒。").waitFor();
  await page.getByRole("button", { name: "发布这一版" }).click();
  await page.locator(".panel").getByText("第 1 版，示范市红十字会").waitFor();
  await page.locator(".panel").getByText("由组委会（head-one、head-two和head-three）决定：表决，三分之二以上参加有效，全体成员的过半数同意通过。").waitFor();
  const { items } = await asAdmin(house, `/api/v1/approvals/policies?unit=${house.init.unit_id}`);
  const published = items.find((/** @type {any} */ one) => one.subject_kind === "project_admission");
  assert.deepEqual([published.version, published.policy.required, published.policy.stages.map((/** @type {any} */ one) => one.limit_s)], [1, true, [600, 604_800, 86_400, 86_400]]);
  await as(who, "/api/v1/approvals/policies", { unit: house.init.unit_id, subject_kind: "bazaar", policy: BAZAAR });
  assert.deepEqual(who.faults, []);
});

test("a project is asked for; deciders hear within a second, send it back, and pass it in two taps", SKIP, async (t) => {
  const { asker, finance, second } = /** @type {Record<string, Somebody>} */ (people);
  await go(finance, "approvals");
  await finance.page.getByText("没有等您审批的事项").waitFor();
  await go(second, "approvals");
  await second.page.getByText("没有等您审批的事项").waitFor();

  await go(asker, `projects?campaign=${campaign}`);
  await asker.page.getByRole("button", { name: "新建项目" }).click();
  await asker.page.getByLabel("名称").fill(TITLE);
  await asker.page.getByLabel("代码", { exact: true }).fill("clean-water");
  await asker.page.getByLabel(/^目标/).fill("30000");
  await asker.page.getByText("这个单位规定项目须先经准入审批").waitFor();
  await asker.page.getByLabel("保存后接着申请准入").check();
  await asker.page.getByRole("button", { name: "存为草稿" }).click();
  await asker.page.getByLabel("事由说明").fill("三个村没有干净的水，建一座净水站。");
  const paper = asker.page.getByRole("group", { name: "第 1 份材料" });
  assert.equal(await paper.getByLabel("名称").inputValue(), "实施方案", "the paper that the policy wants is offered");
  await paper.locator("input[type=file]").setInputFiles({ name: "plan.txt", mimeType: "text/plain", buffer: Buffer.from("abc") });
  await paper.getByText("ba7816bf8f01cfea").waitFor();
  await asker.page.reload();
  await asker.page.locator(".panel .acts").getByRole("button", { name: "申请准入" }).click();
  assert.equal(await asker.page.getByLabel("事由说明").inputValue(), "三个村没有干净的水，建一座净水站。", "what was typed is still there");
  await asker.page.getByText("已接上次没有提交的草稿").waitFor();
  await Promise.all([asker.page.waitForURL(/\/cases\?case=/), asker.page.locator(".panel form").getByRole("button", { name: "申请准入" }).click()]);
  const took = await Promise.all([heard(line(finance, TITLE)), heard(second.page.locator("tbody tr.ant-table-row", { hasText: TITLE }))]);
  assert.ok(took.every((ms) => ms < HEARD_MS_MAX), `heard after ${took} ms`);
  await asker.page.locator(".panel").getByText("您是申请人，不参与决定").waitFor();
  await foot(asker, "修改申请").click();
  await asker.page.getByLabel("事由说明").fill("三个村没有干净的水，建一座净水站，下月开工。");
  await foot(asker, "修改申请").click();
  await asker.page.getByText("已修改", { exact: true }).waitFor();
  assert.match(await finance.page.locator(".phone-list [role=timer]").innerText(), /剩 9:\d\d/);

  const other = /** @type {Somebody} */ (people["head-three"]);
  await go(other, "cases");
  await other.page.locator("tbody tr.ant-table-row", { hasText: TITLE }).click();
  await other.page.locator(".panel .acts").getByText("这一环节由别人决定").waitFor();
  assert.ok(await foot(other, /^同\s?意$/).isDisabled(), "who is not asked does not decide");
  await line(finance, TITLE).tap();
  await finance.page.getByText("下月开工").waitFor();
  await shoot(finance.page, "console-approvals-case-390-zh-Hans");
  await foot(finance, "退回补正").tap();
  await finance.page.getByLabel("要补正什么（申请人会看到）").fill("请写明受益人数");
  await foot(finance, "退回补正").tap();
  const gone = await heard(second.page.locator("tbody tr.ant-table-row", { hasText: TITLE }), "hidden");
  assert.ok(gone < HEARD_MS_MAX, `the second decider’s screen heard after ${gone} ms`);

  await asker.page.locator("[data-sent-back]", { hasText: "请写明受益人数" }).waitFor();
  await foot(asker, "补正后再次提交").click();
  await asker.page.getByLabel("怎样补正的").fill("受益 1200 人，已写明");
  await foot(asker, "补正后再次提交").click();
  const again = await heard(line(finance, TITLE));
  t.diagnostic(`heard: ${took.join(" and ")} ms when it came, ${gone} ms when it was gone, ${again} ms when it came again`);
  assert.ok(again < HEARD_MS_MAX, `heard again after ${again} ms`);

  // Two taps: the line, the button.
  await line(finance, TITLE).tap();
  await foot(finance, /^同\s?意$/).tap();
  await finance.page.getByText("已同意", { exact: true }).waitFor();
  // The list is there again, and the same person records what the body outside found.
  await line(finance, TITLE).tap();
  await finance.page.locator(".panel").getByText("示例评估机构").first().waitFor();
  assert.equal(await finance.page.locator(".stages li.beside .stage").count(), 2, "stages beside each other stand beside each other");
  await shoot(finance.page, "console-approvals-outside-390-zh-Hans");
  await foot(finance, "登记结论：可行").tap();
  await finance.page.getByLabel("结论全文或要点，报告放在哪里").fill("实地看过，可行；报告存档案室 3 号柜");
  await foot(finance, "登记结论：可行").tap();
  await finance.page.getByText("没有等您审批的事项").waitFor();
  assert.deepEqual([...asker.faults, ...finance.faults, ...second.faults], []);
});

test("two score, the committee votes on phones, and the project opens; the minutes are there", SKIP, async () => {
  const { asker } = /** @type {Record<string, Somebody>} */ (people);
  const heads = HEADS.slice(0, 2).map((name) => /** @type {Somebody} */ (people[name]));
  for (const [at, head] of heads.entries()) {
    await go(head, "approvals");
    await line(head, TITLE).tap();
    await foot(head, at === 0 ? /^评\s?分$/ : "Score").tap();
    if (at === 0) {
      await head.page.getByText("每项填好后显示总分（满分 100）。").waitFor();
      await head.page.getByLabel("需求真实（0–50）").fill("40");
      await head.page.getByLabel("方案可行（0–50）").fill("35");
      await head.page.getByText("总分 75 / 100；收齐 2 份、平均 60 分通过").waitFor();
      await shoot(head.page, "console-approvals-score-390-zh-Hans");
      await head.page.getByRole("button", { name: "提交评分" }).tap();
    } else {
      await head.page.getByLabel("The need is real (0–50)").fill("30");
      await head.page.getByLabel("The plan can be done (0–50)").fill("45");
      await shoot(head.page, "console-approvals-score-390-en");
      await head.page.getByRole("button", { name: "Send the scores" }).tap();
    }
  }
  const [one, two] = /** @type {[Somebody, Somebody]} */ (heads);
  // The vote opens for both; the first votes in two taps, the second in two more.
  await line(one, TITLE).waitFor();
  await line(two, TITLE).tap();
  await shoot(two.page, "console-approvals-vote-390-en");
  await line(one, TITLE).tap();
  await foot(one, /^同\s?意$/).tap();
  await one.page.getByText("没有等您审批的事项").waitFor();
  await two.page.locator(".voice.approve", { hasText: "head-one" }).waitFor();
  await foot(two, "Approve").tap();
  await two.page.getByText("Nothing waits for your decision").waitFor();

  const project = async () => (await asAdmin(house, "/api/v1/projects")).items.find((/** @type {any} */ found) => found.code === "clean-water");
  await until(async () => (await project()).state === "open", "the admitted project opens");
  await go(asker, `projects?campaign=${campaign}&project=${(await project()).id}`);
  await asker.page.locator("[data-cases]").getByText("已通过").waitFor();
  await asker.page.locator("[data-cases]").getByRole("link", { name: "查看审批" }).click();
  await asker.page.locator(".panel").getByText("组委会表决").first().waitFor();
  const [minutes] = await Promise.all([asker.page.waitForEvent("popup"), asker.page.getByRole("link", { name: "打印版" }).click()]);
  await minutes.waitForLoadState();
  const said = await minutes.locator("body").innerText();
  for (const part of [TITLE, "请写明受益人数", "head-one", "结果：通过"]) assert.ok(said.includes(part), `${part} in ${said}`);
  const { items } = await asAdmin(house, "/api/v1/approvals?subject_kind=project_admission");
  assert.deepEqual(items.map((/** @type {any} */ found) => [found.state, found.round]), [["approved", 2]]);
  assert.deepEqual([...asker.faults, ...one.faults, ...two.faults], []);
});

test("a raise is asked for and taken back; who is concerned says so; the emergency lane owes its papers and a draw is repeated", SKIP, async () => {
  const { asker } = /** @type {Record<string, Somebody>} */ (people);
  const [one, two] = HEADS.map((name) => /** @type {Somebody} */ (people[name]));
  const project = (await asAdmin(house, "/api/v1/projects")).items.find((/** @type {any} */ found) => found.code === "clean-water");
  await go(asker, `projects?campaign=${campaign}&project=${project.id}`);
  await asker.page.locator(".panel .acts").getByRole("button", { name: "申请提额" }).click();
  await asker.page.getByLabel("新目标").fill("60000");
  await asker.page.getByLabel("事由", { exact: true }).fill("又有两个村需要");
  await asker.page.getByText("通过后目标从 30,000.00 元提高到 60,000.00 元").waitFor();
  await asker.page.locator(".panel form").getByRole("button", { name: "申请提额" }).click();
  await asker.page.locator(".panel").getByText("又有两个村需要").waitFor();
  await asker.page.locator(".panel dd .money.large", { hasText: "60,000" }).waitFor();
  await go(asker, `projects?campaign=${campaign}&project=${project.id}`);
  await asker.page.locator("[data-cases]").getByText("审批中").waitFor();
  assert.ok(await asker.page.locator(".panel .acts").getByRole("button", { name: "申请提额" }).isDisabled(), "one case at a time");
  await asker.page.locator("[data-cases]").getByRole("link", { name: "查看审批" }).last().click();
  await foot(asker, /^撤\s?回$/).click();
  await asker.page.getByLabel("为什么撤回").fill("先核对数字");
  await foot(asker, /^撤\s?回$/).click();
  await until(async () => (await asAdmin(house, "/api/v1/approvals?subject_kind=target_raise")).items[0].state === "withdrawn", "the raise is taken back");

  const subject = project.id;
  const put = (/** @type {object} */ more) => as(/** @type {Somebody} */ (asker), "/api/v1/approvals", { unit: house.init.unit_id, subject_kind: "bazaar", subject, title: "中秋公益市集公告", ...more });
  const drawn = await put({ papers: [{ kind: "report", name: "报告", words: "见附件" }] });
  await go(/** @type {Somebody} */ (asker), `cases?case=${drawn.id}`);
  await asker.page.locator(".draw summary").click();
  await asker.page.getByText("已按公开的种子重新计算，结果一致").waitFor();
  const name = drawn.stages[0].seats[0].name;
  const chosen = /** @type {Somebody} */ (people[name]);
  await go(chosen, `approvals/${drawn.id}`);
  await chosen.page.waitForURL(/\/approvals\?case=/);
  const words = name === "head-two" ? ["I am concerned", "How you are concerned"] : ["声明回避", "与本事项有什么利害关系"];
  await foot(chosen, words[0] ?? "").click();
  await chosen.page.getByLabel(words[1] ?? "").fill("亲属承办");
  await foot(chosen, words[0] ?? "").click();
  await until(async () => (await asAdmin(house, `/api/v1/approvals/${drawn.id}`)).history.some((/** @type {any} */ entry) => entry.kind === "declared"), "the conflict is kept");
  await asker.page.reload();
  await foot(asker, /^撤\s?回$/).click();
  await asker.page.getByLabel("为什么撤回").fill("换人承办");
  await foot(asker, /^撤\s?回$/).click();
  await asker.page.locator(".panel").getByText("已撤回").first().waitFor();

  const fast = await put({ title: "汛情紧急公告", hurry: "今晚有强降雨" });
  await go(/** @type {Somebody} */ (one), "approvals");
  await line(/** @type {Somebody} */ (one), "汛情紧急公告").getByText("应急").waitFor();
  await shoot(/** @type {Somebody} */ (one).page, "console-approvals-mine-390-zh-Hans");
  await line(/** @type {Somebody} */ (one), "汛情紧急公告").tap();
  await foot(/** @type {Somebody} */ (one), /^同\s?意$/).tap();
  await until(async () => (await asAdmin(house, `/api/v1/approvals/${fast.id}`)).state === "approved", "the emergency is approved");
  await go(/** @type {Somebody} */ (asker), "cases?owing=1");
  await asker.page.locator("tbody tr.ant-table-row", { hasText: "汛情紧急公告" }).click();
  await asker.page.locator(".panel").getByText("应急通道，须补：报告").waitFor();
  await shoot(asker.page, "console-approvals-owing-1440-zh-Hans");
  const [file] = await Promise.all([asker.page.waitForEvent("download"), asker.page.getByRole("button", { name: "导出 CSV" }).click()]);
  const rows = (await readFile(await file.path(), "utf8")).trim().split("\r\n");
  assert.deepEqual([rows.length, rows[1]?.startsWith("汛情紧急公告,已通过,公告发布,")], [2, true], "the file holds what is filtered");
  await foot(asker, "补交材料").click();
  await asker.page.getByRole("group", { name: "第 1 份材料" }).getByLabel("内容，或原件放在哪里").fill("公告全文见档案");
  await asker.page.locator(".panel form").getByRole("button", { name: "补交材料" }).click();
  await until(async () => (await asAdmin(house, `/api/v1/approvals/${fast.id}`)).papers_owed.length === 0, "the papers are in");
  assert.deepEqual([...asker.faults, ...(one?.faults ?? []), ...(two?.faults ?? [])], []);
});

for (const size of SIZES) {
  for (const language of LANGUAGES) {
    test(`the screens of approvals at ${size.name} px in ${language.tag} keep their manners`, SKIP, async () => {
      const label = `${size.name}-${language.tag}`;
      const { page, faults, user, close } = await atWork(`sees-${label}`, ["leader", "fundraising_officer"], size, language);
      const one = await as(/** @type {Somebody} */ (people.asker), "/api/v1/approvals", { unit: house.init.unit_id, subject_kind: "dispatch", subject: user.id, title: `向示例县调拨帐篷 ${label}`, summary: "示例县三个安置点缺帐篷，请调 200 顶。", hurry: "今晚降温" });
      const found = [];
      const look = async (/** @type {string} */ name) => {
        await page.waitForTimeout(400);
        await shoot(page, `console-approvals-${name}-${label}`);
        found.push(...(await screenManners(page)).map((fault) => `${name}: ${fault}`));
      };
      await page.goto(`${house.base}/console/work`);
      await page.locator(".task").first().waitFor();
      await look("work");
      for (const [name, path] of [["mine", "approvals"], ["mine-open", `approvals?case=${one.id}&stage=decision`], ["cases", "cases"], ["cases-none", "cases?state=refused"], ["policies", "policies"], ["policies-open", "policies?kind=project_admission"], ["powers", "powers?permission=approval_decide"]]) {
        await page.goto(`${house.base}/console/${path}`);
        await page.locator("main h1").waitFor();
        if (/open/.test(name ?? "")) await page.locator(".panel .stages").waitFor();
        await look(name ?? "");
      }
      await page.goto(`${house.base}/console/cases`);
      const { items } = await asAdmin(house, "/api/v1/approvals?state=approved&subject_kind=project_admission");
      await page.goto(`${house.base}/console/cases?case=${items[0].id}`);
      await page.locator(".panel .stages").waitFor();
      await page.locator(".panel .course summary").click();
      await look("case-ended");
      await page.goto(`${house.base}/console/policies?kind=project_admission`);
      await page.locator(".panel .acts button").first().click();
      await page.locator(".editor [data-stage-form]").first().waitFor();
      await look("policy-form");
      await page.locator(".screen > header .ant-segmented-item").nth(1).click();
      await page.locator(".text-editor textarea").waitFor();
      await look("policy-text");
      await page.goto(`${house.base}/console/projects?campaign=${campaign}`);
      await page.locator("main > header .acts button").first().click();
      await page.locator(".panel form").waitFor();
      await look("new-project");
      const draft = await asAdmin(house, "/api/v1/projects", { unit: house.init.unit_id, campaign, code: `draft-${label.toLowerCase()}`, title: `示例桥 ${label}`, region_code: "371300", nature: "restricted" });
      await page.goto(`${house.base}/console/projects?campaign=${campaign}&project=${draft.id}`);
      await page.locator(".panel .acts .buttons button").first().waitFor();
      await look("project-draft");
      await page.locator(".panel .acts .buttons button").first().click();
      await page.locator(".panel .acts fieldset.paper").first().waitFor();
      await look("ask");
      const send = page.locator(".panel .acts button[type=submit]");
      await send.evaluate((button) => button.scrollIntoView({ block: "end", behavior: "instant" }));
      const box = await send.boundingBox();
      assert.ok(box && box.y + box.height <= size.viewport.height + 1, "the button of a tall form is reached");
      assert.deepEqual([...found, ...faults], []);
      await as(/** @type {Somebody} */ (people.asker), `/api/v1/approvals/${one.id}/withdraw`, { words: "seen" });
      await close();
    });
  }
}
