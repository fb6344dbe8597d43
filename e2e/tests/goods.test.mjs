// The live window of goods: from the first box to a truck on the road, at both widths, in both languages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, manners, openPage, shoot } from "../lib/browser.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {any} */
let place, item;

/** @param {string} token @param {string} method @param {string} path @param {any} [body] @returns {Promise<any>} */
async function staff(token, method, path, body) {
  const answer = await fetch(house.base + path, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** @param {string} key @param {string} donor @param {number} quantity @param {object} more */
async function arrived(key, donor, quantity, more = {}) {
  const { unit_id: unit, admin_token: token } = house.init;
  const lot = await staff(token, "POST", `/api/v1/goods/${unit}/lots`, {
    key, item: item.id, unit_word: "箱", quantity, source: "donation", donor, place: place.id, ...more });
  for (const step of ["arrive", "inspect", "stock"]) {
    await staff(token, "POST", `/api/v1/goods/lots/${lot.id}/moves`, { key: `${key}/${step}`, step, place: place.id, quantity });
  }
  return lot;
}

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

test("an empty window says so", SKIP, async () => {
  const { page, faults, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  await page.goto(`${house.base}/goods`);
  assert.equal(await page.locator("#came-empty").isVisible(), true);
  assert.deepEqual([...(await manners(page)), ...faults], []);
  await shoot(page, "goods-empty-390-zh-Hans");
  await close();
});

test("boxes go from the door to the road, decided by three, and the window shows it as it happens", SKIP, async () => {
  const { unit_id: unit, admin_token: token } = house.init;
  const base = `/api/v1/goods/${unit}`;
  place = await staff(token, "POST", `${base}/places`, { code: "A", name: "一号库" });
  item = await staff(token, "POST", `${base}/items`, { code: "1060201", name: "医用防护口罩", grade: "GB 19083-2010 N95",
    base_unit: "只", units: { 箱: 480 } });
  const receiver = await staff(token, "POST", `${base}/receivers`, { code: "371302", name: "示范市第一医院" });
  await staff(token, "POST", `${base}/unwanted`, { words: "旧衣物", listed: true });
  const { page, faults, close } = await openPage(browser, SIZES[1], LANGUAGES[0]);
  await page.goto(`${house.base}/goods`);
  await arrived("box-1", "示范医疗器械有限公司", 40, { designated_for: receiver.id });
  await page.waitForSelector("[data-live-list=came] li");
  await arrived("box-2", "示例捐赠人", 12);
  await page.waitForFunction(() => document.querySelectorAll("[data-live-list=came] li").length === 2);
  await staff(token, "POST", `${base}/requests`, { key: "r-1", receiver: receiver.id, item: item.id, unit_word: "只", quantity: 25000,
    priority: "urgent", basis: "发热门诊" });
  const plan = await staff(token, "POST", `${base}/plans`);
  for (const name of ["甲", "乙", "丙"]) {
    const user = await staff(token, "POST", "/api/v1/users", { name: `组员${name}`, unit, roles: ["leader"], token: { name: "phone" } });
    const said = user.token?.token ?? user.token;
    await staff(said, "POST", `/api/v1/goods/plans/${plan.plan.id}/decisions`, { decision: "approve" });
  }
  const [order] = await staff(token, "GET", `${base}/dispatches`);
  for (const step of ["issue", "load"]) {
    await staff(token, "POST", `/api/v1/goods/dispatches/${order.id}/steps`, { step });
  }
  await page.waitForFunction(() => document.querySelectorAll("[data-live-list=went] li").length === 2);
  const shown = await page.locator("main").innerText();
  assert.ok(!shown.includes("示范市第一医院"), "the recipient is not shown");
  assert.ok(!shown.includes("示例捐赠人"), "a person's name is masked");
  assert.match(shown, /定向/);
  assert.deepEqual([...(await manners(page)), ...faults], []);
  await close();
});

for (const size of SIZES) {
  for (const language of LANGUAGES) {
    test(`the window keeps its manners at ${size.name} in ${language.tag}`, SKIP, async () => {
      const { page, faults, close } = await openPage(browser, size, language);
      await page.goto(`${house.base}/goods`);
      assert.deepEqual([...(await manners(page)), ...faults], []);
      await shoot(page, `goods-${size.name}-${language.tag}`);
      await close();
    });
  }
}
