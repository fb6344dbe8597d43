// Who asks and who shares out: a hospital's own account on a phone, a request by telephone, the two lists side by side,
// a lot whose destinations the desk changes with its reason.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH] = LANGUAGES;
const [FIRST, SECOND] = ["示例第一医院", "示例第二医院"];

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
let base = "";
/** @type {any} */
let [place, item] = [null, null];

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  base = `/api/v1/goods/${house.init.unit_id}`;
  place = await asAdmin(house, `${base}/places`, { code: "A", name: "一号库" });
  item = await asAdmin(house, `${base}/items`, { code: "1060201", name: "医用防护口罩", grade: "GB 19083-2010 N95", base_unit: "只", units: { 箱: 480 } });
  for (const name of [FIRST, SECOND]) await asAdmin(house, `${base}/receivers`, { code: "371302", name });
  const lot = await asAdmin(house, `${base}/lots`, { key: "first", item: item.id, unit_word: "箱", quantity: 10, source: "donation", donor: "示范医疗器械有限公司", place: place.id });
  for (const step of ["arrive", "inspect", "stock"]) await asAdmin(house, `/api/v1/goods/lots/${lot.id}/moves`, { key: `first-${step}`, step, place: place.id, quantity: 10 });
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** A person at their first screen. @param {string} name @param {string[]} roles @param {typeof SIZES[number]} size */
async function atWork(name, roles, size = DESK) {
  const user = await person(house, name, roles);
  const opened = await openPage(browser, size, ZH);
  await accept(opened.page, await invitation(house, user.id), password());
  return { ...opened, user };
}

/** @param {import("playwright-core").Page} page @param {import("playwright-core").Locator} field @param {string} option */
async function choose(page, field, option) {
  await field.click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: option }).first().click();
}

test("a hospital asks on a phone once its account is bound to it, and takes a request back", SKIP, async () => {
  const asks = await atWork("ward-one", ["requester"], PHONE);
  await asks.page.goto(`${house.base}/console/my-requests`);
  await asks.page.getByText("尚未指定您代表哪个单位").waitFor();
  const keeps = await atWork("binds", ["storekeeper"]);
  await keeps.page.goto(`${house.base}/console/goods-requesters`);
  await choose(keeps.page, keeps.page.getByLabel(/ward-one/).first(), FIRST);
  await keeps.page.getByText("已保存").first().waitFor();
  await asks.page.reload();
  await asks.page.getByRole("button", { name: "提交需求" }).click();
  const form = asks.page.locator("form");
  await choose(asks.page, form.getByLabel("物资", { exact: true }).first(), "医用防护口罩");
  await form.getByLabel("数量").first().fill("6");
  await choose(asks.page, form.getByLabel("计数单位").first(), "箱");
  await form.getByLabel("需求依据").first().fill("发热门诊三十张床");
  await form.locator("button[type=submit]").click();
  await asks.page.getByText("尚未安排").first().waitFor();
  await shoot(asks.page, "console-my-requests-390-zh-Hans");
  const [made] = await asAdmin(house, `${base}/requests`);
  assert.deepEqual([made.receiver, made.quantity, made.unit_word], [FIRST, 6, "箱"]);
  assert.deepEqual([...(await screenManners(asks.page)), ...(await screenManners(keeps.page)), ...asks.faults, ...keeps.faults], []);
  await asks.close();
  await keeps.close();
});

test("the desk sees both lists and changes who gets a lot, with its reason", SKIP, async () => {
  const { page, faults, close } = await atWork("shares", ["donation_desk"]);
  await page.goto(`${house.base}/console/goods-lists`);
  await page.getByText(FIRST).first().waitFor();
  await shoot(page, "console-goods-lists-1440-zh-Hans");
  await page.goto(`${house.base}/console/goods-plans`);
  await page.getByRole("button", { name: "提出方案" }).click();
  await page.locator(".panel").getByRole("button", { name: "调整去向" }).first().click();
  const form = page.locator(".panel .section form");
  const numbers = form.getByLabel("数量");
  await numbers.first().waitFor();
  assert.equal(await numbers.count(), 2, "six boxes for the hospital, four stay");
  await numbers.nth(0).fill("7");
  await form.getByLabel("事由").first().fill("一院告急");
  await form.locator("button[type=submit]").click();
  await form.locator(".trouble").waitFor();
  await numbers.nth(1).fill("3");
  await form.locator("button[type=submit]").click();
  await page.locator(".panel").getByText("调整与表决").waitFor();
  await page.locator(".panel").getByText("一院告急").first().waitFor();
  await shoot(page, "console-plan-changed-1440-zh-Hans");
  assert.deepEqual([...(await screenManners(page)), ...faults], []);
  await close();
});
