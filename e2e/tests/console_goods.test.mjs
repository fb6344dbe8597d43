// Goods in the console: announced, taken in and stocked by a storekeeper; an order goes out, arrives short, is handed out and partly brought back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot, sign } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;
const BOXES = 40;

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
let base = "";
/** @type {any} */
let [place, item, receiver] = [null, null, null];

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  base = `/api/v1/goods/${house.init.unit_id}`;
  place = await asAdmin(house, `${base}/places`, { code: "A", name: "一号库" });
  await asAdmin(house, `${base}/places`, { code: "B", name: "二号库" });
  item = await asAdmin(house, `${base}/items`, { code: "1060201", name: "医用防护口罩", grade: "GB 19083-2010 N95", base_unit: "只", units: { 箱: 480 } });
  receiver = await asAdmin(house, `${base}/receivers`, { code: "371302", name: "示范市第一医院" });
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** A storekeeper at her first screen. @param {string} name @param {typeof SIZES[number]} size @param {typeof LANGUAGES[number]} language */
async function atWork(name, size = DESK, language = ZH) {
  const user = await person(house, name, ["storekeeper"]);
  const opened = await openPage(browser, size, language);
  await accept(opened.page, await invitation(house, user.id), password());
  return opened;
}

/** What three leaders approve of a request becomes an order. @param {string} key @param {number} quantity @returns {Promise<any>} the newest order */
async function ordered(key, quantity) {
  const known = new Set((await asAdmin(house, `${base}/dispatches`)).map((/** @type {any} */ one) => one.id));
  await asAdmin(house, `${base}/requests`, { key, receiver: receiver.id, item: item.id, unit_word: "箱", quantity, priority: "urgent", basis: "发热门诊" });
  const { plan } = await asAdmin(house, `${base}/plans`, {});
  for (const at of [1, 2, 3]) {
    const made = await asAdmin(house, "/api/v1/users", { name: `member-${key}-${at}`, kind: "person", unit: house.init.unit_id, roles: ["leader"], token: { name: "phone" } });
    const answer = await fetch(`${house.base}/api/v1/goods/plans/${plan.id}/decisions`, { method: "POST", headers: { authorization: `Bearer ${made.token?.token ?? made.token}`, "content-type": "application/json" }, body: JSON.stringify({ decision: "approve" }) });
    assert.ok(answer.ok, await answer.text());
  }
  return (await asAdmin(house, `${base}/dispatches`)).find((/** @type {any} */ one) => !known.has(one.id));
}

/** Chooses in a form at the side. @param {import("playwright-core").Page} page @param {string | RegExp} label @param {string | RegExp} option */
async function choose(page, label, option) {
  await page.locator(".panel form").getByLabel(label).first().click();
  await page.locator(".ant-select-dropdown:visible .ant-select-item-option").filter({ hasText: option }).first().click();
}

test("boxes are announced, arrive, are looked at and stocked, a step and a screen at a time", SKIP, async () => {
  const { page, faults, close } = await atWork("takes-in");
  await page.goto(`${house.base}/console/stock`);
  await page.locator(".empty").waitFor();
  await page.getByRole("button", { name: "登记将到物资" }).click();
  await choose(page, "物资", "医用防护口罩");
  await page.locator(".panel form").getByLabel("数量").fill(String(BOXES));
  await choose(page, "计数单位", "箱");
  await choose(page, "库位", "一号库");
  await page.locator(".panel form").getByLabel("捐赠人").fill("示范医疗器械有限公司");
  await page.locator(".panel form button[type=submit]").click();
  const steps = page.locator(".panel .acts");
  for (const [state, step] of [["预告", /^记到货$/], ["到货", /^验\s?收$/], ["已验收", /^入\s?库$/]]) {
    await page.locator("tbody tr.ant-table-row", { hasText: String(state) }).click();
    await steps.getByRole("button", { name: step }).click();
    await steps.locator("form").waitFor();
    await steps.locator("form button[type=submit]").click();
    await page.locator(".panel").waitFor({ state: "detached" });
  }
  const row = page.locator("tbody tr.ant-table-row");
  await row.filter({ hasText: "一号库" }).click();
  // Some of it goes to another shelf; what cannot be undone says so and wants a reason.
  await steps.getByRole("button", { name: /^移\s?库$/ }).click();
  await page.locator(".panel form").getByLabel(/^数量/).fill("5");
  await choose(page, "移到", "二号库");
  await steps.locator("form button[type=submit]").click();
  await row.filter({ hasText: "二号库" }).waitFor();
  await row.filter({ hasText: "二号库" }).click();
  assert.ok(await steps.getByRole("button", { name: /^销\s?毁$/ }).isDisabled(), "who records does not decide");
  const stock = await asAdmin(house, `${base}/stock`);
  assert.deepEqual(stock.map((/** @type {any} */ one) => [one.place, one.quantity, one.state]).sort(), [["一号库", 35, "stocked"], ["二号库", 5, "stocked"]]);
  assert.deepEqual(faults, []);
  await close();
});

test("an order is fetched, issued, loaded, received short with a reason, handed out against a signature, and partly brought back", SKIP, async () => {
  const order = await ordered("r-1", 10);
  const { page, faults, close } = await atWork("sends-out", PHONE);
  await page.goto(`${house.base}/console/dispatches`);
  await page.locator("tbody tr.ant-table-row", { hasText: order.number }).tap();
  const acts = page.locator(".panel .acts");
  const send = () => acts.locator("form button[type=submit]").tap();
  await page.locator(".panel").getByText("示范市第一医院").waitFor();
  await acts.getByRole("button", { name: "改运输方式" }).tap();
  await choose(page, "运输方式", "自提");
  await send();
  await page.locator(".panel .facts").getByText("自提").waitFor();
  for (const [step, effect, state] of [[/^出\s?库$/, "整单出库", "已出库"], [/^装车发出$/, "整单在途", "在途"]]) {
    await acts.getByRole("button", { name: step }).tap();
    await acts.getByText(String(effect)).waitFor();
    await send();
    await page.locator(".panel .facts").getByText(String(state)).waitFor();
  }
  await acts.getByRole("button", { name: /^签\s?收$/ }).tap();
  const came = page.getByLabel(/发出 10 箱，实到/);
  assert.equal(await came.inputValue(), "10");
  await came.fill("9");
  await send();
  await acts.locator(".ant-form-item-has-error, [role=alert]").first().waitFor();
  await page.getByLabel(/^事由/).fill("途中一箱受潮");
  await shoot(page, "console-dispatch-receive-390-zh-Hans");
  await send();
  await page.locator(".panel .facts").getByText("已签收").waitFor();

  await acts.getByRole("button", { name: "发放签收" }).tap();
  await choose(page, "物资", "医用防护口罩");
  await page.locator(".panel form").getByLabel("数量").fill("6");
  await page.getByLabel("领取人", { exact: true }).fill("王小明");
  await sign(page, page.locator(".panel svg.pad"));
  await shoot(page, "console-dispatch-sign-390-zh-Hans");
  await send();
  await acts.locator("form").waitFor({ state: "detached" });
  await acts.getByRole("button", { name: /^退\s?回$/ }).tap();
  // What was lost on the way is not in the lines that the interface tells; so what was sent and handed out is said, not what is left.
  await choose(page, "物资", "发出 10 箱，已发放 6");
  await page.locator(".panel form").getByLabel("数量").fill("2");
  await choose(page, "移到", "一号库");
  await page.getByLabel(/^事由/).fill("科室用不完");
  await send();
  await acts.locator("form").waitFor({ state: "detached" });
  const told = await asAdmin(house, `/api/v1/goods/dispatches/${order.id}`);
  assert.deepEqual([told.order.state, told.order.way], ["received", "fetched"]);
  const stock = await asAdmin(house, `${base}/stock`);
  assert.ok(stock.some((/** @type {any} */ one) => one.state === "returned" && one.quantity === 2 && one.place === "一号库"), JSON.stringify(stock));
  assert.ok(!(await page.locator("main").innerText()).includes("王小明"), "who took it is not shown");
  await page.locator(".panel").getByRole("button", { name: "查看领取签名" }).tap();
  await page.locator('.panel [data-signatures="1"] svg.signature polyline').first().waitFor({ state: "attached" });
  assert.ok((await page.locator(".panel").innerText()).includes("王小明"), "until who keeps the store asks for it");
  const [signature] = await asAdmin(house, `/api/v1/goods/dispatches/${order.id}/signatures`);
  assert.match(signature.drawn, /^\d+,\d+( \d+,\d+)+$/, "one stroke");
  assert.deepEqual([...(await screenManners(page)), ...faults], []);
  await close();
});

test("an order that nobody needs is called off with its reason, in English", SKIP, async () => {
  const order = await ordered("r-2", 3);
  const { page, faults, close } = await atWork("calls-off", DESK, EN);
  await page.goto(`${house.base}/console/dispatches?order=${order.id}`);
  const acts = page.locator(".panel .acts");
  await acts.locator("button.ant-btn-dangerous").click();
  await acts.locator("form button[type=submit]").click();
  await acts.locator(".ant-form-item-has-error").first().waitFor();
  await page.getByLabel(/^Reason/).fill("The clinic has enough");
  await acts.locator("form button[type=submit]").click();
  await acts.locator("form").waitFor({ state: "detached" });
  await acts.getByText(/nothing/i).or(acts.locator(".mute")).first().waitFor();
  assert.equal((await asAdmin(house, `/api/v1/goods/dispatches/${order.id}`)).order.state, "called_off");
  await shoot(page, "console-dispatch-off-1440-en");
  assert.deepEqual([...(await screenManners(page)), ...faults], []);
  await close();
});
