// Notices and supervision: written, decided by two, read by everybody, corrected, withdrawn; a supervisor's rule speaks up at a refund.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, manners, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;
const WAIT_MS_MAX = 20_000;
const TITLE = "四月资金使用公示";
const CORRECTED = "四月资金使用公示（更正）";

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** @typedef {Awaited<ReturnType<typeof atWork>>} Somebody */
/** @type {Record<string, Somebody>} */
const people = {};
let [first, second] = ["", ""];

/** @param {() => Promise<boolean>} so @param {string} what */
async function until(so, what) {
  const end = Date.now() + WAIT_MS_MAX;
  while (!(await so())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${WAIT_MS_MAX} ms`);
    await new Promise((tick) => setTimeout(tick, 200));
  }
}

/** A person at their first screen. @param {string} name @param {string[]} roles @param {typeof SIZES[number]} size */
async function atWork(name, roles, size = DESK) {
  const user = await person(house, name, roles);
  const opened = await openPage(browser, size, ZH);
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

const who = (/** @type {string} */ name) => /** @type {Somebody} */ (people[name]);
/** @param {Somebody} one @param {string} path */
const go = (one, path) => one.page.goto(`${house.base}/console/${path}`);
/** A button at the foot of the open panel. @param {Somebody} one @param {string | RegExp} name */
const foot = (one, name) => one.page.locator(".panel .acts").getByRole("button", { name });
/** What everybody may read of a notice. @param {string} id */
const told = (id) => fetch(`${house.base}/api/v1/disclosures/${id}`);

/** Asks for the open draft, and lets two people approve it. @param {string} id */
async function decide(id) {
  const { page } = who("officer");
  await foot(who("officer"), "提交审批").click();
  await Promise.all([page.waitForURL(/\/cases\?case=/), page.locator(".panel form").getByRole("button", { name: "提交审批" }).click()]);
  const kase = new URL(page.url()).searchParams.get("case");
  for (const [name, stage] of [["finance", "finance"], ["leader", "leader"]]) {
    assert.equal((await told(id)).status, 404, `nothing is told before ${name} approved`);
    await as(who(name ?? ""), `/api/v1/approvals/${kase}/act`, { stage, verdict: "approve" });
  }
  await until(async () => (await told(id)).ok, "the notice is published");
}

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  people.officer = await atWork("officer", ["fundraising_officer"]);
  people.finance = await atWork("finance", ["finance_officer"]);
  people.leader = await atWork("leader", ["leader"]);
  people.eyes = await atWork("eyes", ["auditor"]);
});
after(async () => {
  for (const one of Object.values(people)) await one.close();
  await browser?.close();
  await house?.stop();
});

test("an officer writes a notice, two people approve it, and everybody reads it with its fingerprint", SKIP, async () => {
  const { page } = who("officer");
  await go(who("officer"), "notices");
  await page.getByRole("button", { name: "起草公示" }).first().click();
  const form = page.locator(".panel form");
  await form.getByLabel("标题", { exact: true }).fill(TITLE);
  await form.getByLabel("正文", { exact: true }).fill("<b>不收标签</b>");
  await form.getByRole("button", { name: /^保\s?存$/ }).click();
  await form.getByText(/HTML/).first().waitFor();
  await form.getByLabel("正文", { exact: true }).fill("本月支出如下。\n\n## 明细\n- 设备 <12> 台\n- 培训");
  await form.getByRole("button", { name: /^保\s?存$/ }).click();
  await page.locator("[data-blocks] li", { hasText: "设备 <12> 台" }).waitFor();
  first = new URL(page.url()).searchParams.get("notice") ?? "";
  assert.match(first, /^[a-z2-7]{26}$/);
  assert.deepEqual(await screenManners(page), []);
  await shoot(page, "console-notices-draft-1440-zh-Hans");
  await decide(first);

  for (const [size, language] of /** @type {const} */ ([[PHONE, ZH], [DESK, EN]])) {
    const reader = await openPage(browser, size, language);
    await reader.page.goto(`${house.base}/notices`);
    await reader.page.getByRole("link", { name: TITLE }).click();
    await reader.page.getByRole("heading", { name: TITLE }).waitFor();
    assert.ok(await reader.page.getByText("设备 <12> 台").isVisible(), "text stays text");
    assert.deepEqual(await manners(reader.page), []);
    await shoot(reader.page, `notice-${size.name}-${language.tag}`);
    const text = await (await fetch(`${reader.page.url().split("?")[0]}/text`)).text();
    const hash = createHash("sha256").update(text).digest("hex");
    assert.ok((await reader.page.locator("main").innerText()).includes(hash), "the page shows the fingerprint of its text");
    assert.deepEqual(reader.faults, []);
    await reader.close();
  }
  const { page: home, close } = await openPage(browser, PHONE, ZH);
  await home.goto(house.base);
  await home.getByRole("link", { name: TITLE }).waitFor();
  await close();
});

test("a correction keeps the number, the old version stays readable, and a withdrawn notice stays listed", SKIP, async () => {
  const officer = who("officer");
  await go(officer, `notices?notice=${first}`);
  await foot(officer, /^更\s?正$/).click();
  await until(async () => {
    second = new URL(officer.page.url()).searchParams.get("notice") ?? "";
    return second !== first && second !== "";
  }, "the correction is begun");
  await foot(officer, /^修\s?改$/).click();
  const form = officer.page.locator(".panel form");
  await form.getByLabel("标题", { exact: true }).fill(CORRECTED);
  await form.getByRole("button", { name: /^保\s?存$/ }).click();
  await officer.page.locator(".panel h2", { hasText: CORRECTED }).waitFor();
  await decide(second);
  const [before, now] = await Promise.all([first, second].map(async (id) => (await told(id)).json()));
  assert.deepEqual([before.state, before.corrected_by, now.number, now.version], ["corrected", second, before.number, 2]);

  const reader = await openPage(browser, PHONE, ZH);
  await reader.page.goto(`${house.base}/notices/${first}`);
  await reader.page.getByText("这一版已经更正").waitFor();
  await reader.page.getByRole("link", { name: "查看现行版本" }).click();
  await reader.page.getByRole("heading", { name: CORRECTED }).waitFor();

  const leader = who("leader");
  await go(leader, `notices?notice=${second}`);
  await leader.page.locator("[data-versions]").getByText("第 1 版").waitFor();
  await foot(leader, "撤回公示").click();
  await leader.page.getByLabel("原因（公众可见）").fill("合同金额有误，另行公示");
  await foot(leader, "撤回公示").click();
  await until(async () => (await (await told(second)).json()).state === "withdrawn", "it is withdrawn");
  await reader.page.reload();
  await reader.page.getByText("原因：合同金额有误，另行公示").waitFor();
  assert.deepEqual(await manners(reader.page), []);
  await shoot(reader.page, "notice-withdrawn-390-zh-Hans");
  await reader.page.goto(`${house.base}/notices`);
  await reader.page.getByText("已撤回").waitFor();
  assert.deepEqual(reader.faults, []);
  await reader.close();
  assert.deepEqual([...officer.faults, ...leader.faults], []);
});

test("a supervisor's rule speaks up at a refund, on her work alone, and is marked seen with a note", SKIP, async () => {
  const eyes = who("eyes");
  await go(eyes, "supervision?sheet=rules");
  await eyes.page.getByRole("button", { name: "新建规则" }).click();
  const form = eyes.page.locator(".panel form");
  await form.getByLabel("超过（元）").fill("1");
  await form.getByLabel("规则名称").fill("大额退款");
  await form.getByRole("button", { name: /^保\s?存$/ }).click();
  await eyes.page.locator("[data-rules]").getByText("退款超过 1.00 元（批准时）").waitFor();
  assert.deepEqual(await screenManners(eyes.page), []);
  await shoot(eyes.page, "console-supervision-rules-1440-zh-Hans");

  const { items } = await asAdmin(house, "/api/v1/gifts?limit=50");
  const gift = items.find((/** @type {any} */ one) => one.amount_fen > 200 && one.channel !== "match" && one.standing === "confirmed");
  const refund = await as(who("finance"), `/api/v1/gifts/${gift.gift}/refunds`, { amount_fen: 101, reason: "wrong_payment", key: "watched-refund" });
  await asAdmin(house, `/api/v1/refunds/${refund.refund}/approve`, {});

  await until(async () => {
    await go(eyes, "work");
    const task = eyes.page.locator(".pile", { hasText: "监督预警" }).locator("button.task", { hasText: "大额退款" }).first();
    return task.waitFor({ timeout: 3_000 }).then(() => true, () => false);
  }, "the alert is on her work");
  await shoot(eyes.page, "console-work-alerts-1440-zh-Hans");
  await go(who("leader"), "supervision");
  await who("leader").page.getByText("这里没有预警").waitFor();
  await eyes.page.locator("button.task", { hasText: "大额退款" }).click();
  await foot(eyes, "标为已看").click();
  await eyes.page.getByLabel("我的笔记").fill("已问财务：重复支付");
  await foot(eyes, "标为已看").click();
  await until(async () => (await eyes.page.locator("button.task", { hasText: "大额退款" }).count()) === 0, "it leaves her work");
  await go(eyes, "supervision?sheet=alerts&state=seen");
  await eyes.page.locator("tbody tr.ant-table-row", { hasText: "大额退款" }).click();
  await eyes.page.locator(".panel").getByText("已问财务：重复支付").waitFor();
  await eyes.page.locator(".panel").getByRole("link", { name: "打开明细" }).click();
  await eyes.page.locator("tbody tr.ant-table-row", { hasText: "refund.approved" }).waitFor();
  assert.deepEqual(eyes.faults, []);
});
