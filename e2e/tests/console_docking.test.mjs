// A partner docks: assessed and agreed with papers that are uploaded, decided by three in a case, named in public, its
// minutes a PDF; and a refund that two people approve through the engine.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH] = LANGUAGES;
const WAIT_MS_MAX = 20_000;
const PARTNER = "示例县爱心助学服务中心";
const PDF = (/** @type {string} */ words) => ({ name: `${words}.pdf`, mimeType: "application/pdf", buffer: Buffer.from(`%PDF-1.7\n% ${words}\n`) });

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** @typedef {Awaited<ReturnType<typeof atWork>>} Somebody */
/** @type {Record<string, Somebody>} */
const people = {};
let campaign = "";

/** @param {string} name @param {string[]} roles @param {typeof SIZES[number]} size */
async function atWork(name, roles, size = PHONE) {
  const user = await person(house, name, roles);
  const opened = await openPage(browser, size, ZH);
  await accept(opened.page, await invitation(house, user.id), password());
  return { ...opened, user };
}
/** A call as somebody else. @param {Somebody} who @param {string} path @param {object} body @returns {Promise<any>} */
async function as(who, path, body) {
  const { token } = await asAdmin(house, `/api/v1/users/${who.user.id}/tokens`, { name: path.slice(-40) });
  const answer = await fetch(house.base + path, { method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json", "accept-language": "en" }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}
/** @param {() => Promise<boolean>} so @param {string} what */
async function until(so, what) {
  const end = Date.now() + WAIT_MS_MAX;
  while (!(await so())) {
    if (Date.now() > end) throw new Error(`${what}: not within ${WAIT_MS_MAX} ms`);
    await new Promise((tick) => setTimeout(tick, 200));
  }
}
/** Agrees to what waits under this title. @param {string} name @param {string | RegExp} title */
async function agrees(name, title) {
  const { page } = /** @type {Somebody} */ (people[name]);
  await page.goto(`${house.base}/console/approvals`);
  await page.locator(".phone-list button", { hasText: title }).first().tap();
  await page.locator(".panel .acts").getByRole("button", { name: /^同\s?意$/ }).tap();
  await page.locator(".panel").waitFor({ state: "detached" });
}

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  const { items } = await asAdmin(house, "/api/v1/campaigns");
  campaign = items.find((/** @type {any} */ one) => one.state === "open").id;
  const { plan } = await asAdmin(house, `/api/v1/staff/campaigns/${campaign}`);
  // The filed plan names the partner by its full name, as the law asks.
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  await asAdmin(house, `/api/v1/campaigns/${campaign}/changes`, { plan: { ...plan, receiving_ways: `${plan.receiving_ways}；合作方：${PARTNER}` }, reason: "增加合作方", changed_on: today });
  people.officer = await atWork("officer", ["fundraising_officer"], DESK);
  people.assessor = await atWork("assessor", ["fundraising_officer"]);
  people.finance = await atWork("finance", ["finance_officer"]);
  people.head = await atWork("head", ["leader"]);
});
after(async () => {
  for (const who of Object.values(people)) await who.close();
  await browser?.close();
  await house?.stop();
});

test("a partner is assessed, agreed with, put before a case with its papers, and named in public", SKIP, async () => {
  const { page, faults } = /** @type {Somebody} */ (people.officer);
  await page.goto(`${house.base}/console/campaigns?campaign=${campaign}`);
  const partners = page.locator("[data-partners]");
  await partners.getByRole("button", { name: "增加合作方" }).click();
  await partners.getByLabel("登记全称").fill(PARTNER);
  await partners.getByLabel("统一社会信用代码").fill("52371300MJD000000M");
  await partners.locator("form button[type=submit]").click();
  const one = partners.getByRole("group", { name: PARTNER });
  await one.getByText("尚缺").waitFor();
  assert.ok(await one.getByRole("button", { name: "申请对接" }).isDisabled(), "what is missing is said first");
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const dated = async (/** @type {string} */ label) => {
    const field = one.getByLabel(label);
    await field.fill(today);
    await field.press("Enter");
  };
  await one.getByRole("button", { name: "登记评估" }).click();
  await dated("评估日期");
  await one.getByLabel("评估结论").fill("登记在册三年，审计无保留意见");
  await one.locator("input[type=file]").setInputFiles(PDF("评估报告"));
  await one.locator("form button[type=submit]").click();
  await one.getByText("审计无保留意见").waitFor();
  await one.getByRole("button", { name: "登记协议" }).click();
  await one.getByLabel("协议编号").fill("XY-2026-001");
  await dated("签订日期");
  await one.locator("input[type=file]").setInputFiles(PDF("合作协议"));
  await one.locator("form button[type=submit]").click();
  await one.getByText("XY-2026-001").first().waitFor();
  await shoot(page, "console-docking-1440-zh-Hans");
  await one.getByRole("button", { name: "申请对接" }).click();
  await one.getByLabel("事由说明").fill("联合开展助学活动");
  await Promise.all([page.waitForURL(/\/cases\?case=/), one.locator("form button[type=submit]").click()]);
  const id = new URL(page.url()).searchParams.get("case");
  const kase = () => asAdmin(house, `/api/v1/approvals/${id}`);
  const begun = await kase();
  assert.deepEqual([begun.subject_kind, begun.files.length], ["docking", 2], "both papers are kept");
  const file = await page.request.get(`${house.base}/api/v1/approvals/${id}/files/${begun.files[0].sha256}`);
  assert.equal((await file.body()).subarray(0, 5).toString(), "%PDF-", "who asked reads what was handed in");

  for (const name of ["assessor", "finance", "head"]) await agrees(name, PARTNER);
  await until(async () => (await kase()).state === "approved", "three agree");
  await page.reload();
  const [minutes] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "下载 PDF" }).click()]);
  assert.equal((await readFile(await minutes.path())).subarray(0, 5).toString(), "%PDF-");

  await until(async () => (await asAdmin(house, `/api/v1/dockings?campaign=${campaign}`)).items[0].state === "approved", "the case lets it be named");
  await page.goto(`${house.base}/console/campaigns?campaign=${campaign}`);
  await one.getByRole("button", { name: /^列\s?名$/ }).click();
  await one.getByText("在活动的公开页面上显示为合作方").waitFor();
  await one.getByRole("button", { name: /^列\s?名$/ }).click();
  await one.getByText("列名时间").waitFor();
  await until(async () => (await (await fetch(`${house.base}/api/v1/campaigns/${campaign}`)).json()).partners.includes(PARTNER), "the public reads its name");
  assert.deepEqual([...(await screenManners(page)), ...Object.values(people).flatMap((who) => who.faults), ...faults], []);
});

test("a refund is approved by two on their phones through the engine, and its screen says who asked by name", SKIP, async () => {
  const { officer, head } = /** @type {Record<string, Somebody>} */ (people);
  const role = (/** @type {string} */ name) => ({ kind: "role", role: name, at: "own" });
  const policy = { title: "退款", title_en: "Refund", required: true, stages: [
    { key: "finance", title: "财务核对", title_en: "Finance checks", who: role("finance_officer"), how: { kind: "any" } },
    { key: "leader", title: "负责人审批", title_en: "The leader decides", after: ["finance"], who: role("leader"), how: { kind: "any" } },
  ] };
  await as(/** @type {Somebody} */ (head), "/api/v1/approvals/policies", { unit: house.init.unit_id, subject_kind: "refund", policy });
  const page = /** @type {Somebody} */ (officer).page;
  await page.goto(`${house.base}/console/gifts`);
  await page.locator("tbody tr.ant-table-row").first().click();
  await page.locator(".panel").getByRole("button", { name: "申请退款", exact: true }).click();
  await page.getByLabel(/^事由/).first().click();
  await page.getByTitle("付错了").click();
  await page.getByLabel("说明（审批人会看到）").fill("捐赠人来电说明付错");
  await page.getByRole("button", { name: "提交申请" }).click();
  await page.getByText("已提交，等待审批").waitFor();
  await until(async () => (await asAdmin(house, "/api/v1/approvals?subject_kind=refund")).items.length === 1, "its case is begun by itself");
  for (const name of ["finance", "head"]) await agrees(name, "退款");
  await until(async () => (await asAdmin(house, "/api/v1/refunds?state=approved")).items.length === 1, "the money goes back");
  const looker = /** @type {Somebody} */ (head).page;
  await looker.goto(`${house.base}/console/refunds?state=approved`);
  await looker.locator("tbody tr.ant-table-row, .phone-list button").first().tap();
  await looker.locator(".panel").getByText("officer", { exact: true }).waitFor();
  const told = await looker.locator(".panel").innerText();
  assert.ok(!told.includes(/** @type {Somebody} */ (officer).user.id), "a name, not an id");
  await shoot(looker, "console-refund-by-case-390-zh-Hans");
  assert.deepEqual(Object.values(people).flatMap((who) => who.faults), []);
});
