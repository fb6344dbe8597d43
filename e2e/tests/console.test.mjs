// The staff console: people come in, money is entered, refunds take two, an auditor changes nothing.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;
/** Issue 5: a counter gift at a human pace. */
const COUNTER_MS_MAX = 30_000;
/** A fast typist's pause between keys. */
const KEY_MS = 90;

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/**
 * A person at their first screen.
 * @param {string} name @param {string[]} roles @param {typeof SIZES[number]} size @param {typeof LANGUAGES[number]} language
 */
async function atWork(name, roles, size = DESK, language = ZH) {
  const user = await person(house, name, roles);
  const opened = await openPage(browser, size, language);
  const secret = password();
  const { codes } = await accept(opened.page, await invitation(house, user.id), secret);
  return { ...opened, user, secret, codes };
}

test("an invitation becomes a password, a second factor and ten recovery codes; one of them signs in again", SKIP, async () => {
  const { page, faults, secret, codes, close } = await atWork("leader-one", ["leader"], PHONE, EN);
  assert.equal(codes.length, 10);
  await page.getByRole("heading", { level: 1, name: "My work" }).waitFor();
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/sign-in/);
  await page.getByLabel("Name").fill("leader-one");
  await page.getByLabel("Password").fill(secret);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("One-time code").fill(codes[0] ?? "");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { level: 1, name: "My work" }).waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test("a wrong password and an unknown name get the same words", SKIP, async () => {
  const { page, close } = await openPage(browser, DESK, EN);
  const words = [];
  for (const name of ["leader-one", "nobody-of-that-name"]) {
    await page.goto(`${house.base}/console/sign-in`);
    await page.getByLabel("Name").fill(name);
    await page.getByLabel("Password").fill("this is not it");
    await page.getByRole("button", { name: "Sign in" }).click();
    words.push(await page.getByRole("alert").first().innerText());
  }
  assert.equal(words[0], words[1]);
  await close();
});

test("a draft survives a closed tab, and a counter gift takes less than half a minute at a human pace", SKIP, async () => {
  const { page, faults, close } = await atWork("counter-one", ["fundraising_officer"]);
  await page.goto(`${house.base}/console/counter`);
  await page.getByLabel("金额").fill("12");
  await page.getByLabel("捐赠人姓名或单位").fill("陈女士");
  const again = await page.context().newPage();
  await page.close();
  await again.goto(`${house.base}/console/counter`);
  await again.getByText("已为您恢复").waitFor();
  assert.equal(await again.getByLabel("捐赠人姓名或单位").inputValue(), "陈女士");
  await again.getByRole("button", { name: "不要了" }).click();

  const began = Date.now();
  await again.getByLabel("金额").click();
  await again.keyboard.type("200.5", { delay: KEY_MS });
  await again.keyboard.press("Tab");
  await again.keyboard.type("王小明", { delay: KEY_MS });
  await again.keyboard.press("Tab");
  await again.keyboard.type("13800000000", { delay: KEY_MS });
  await again.keyboard.press("Enter");
  const received = again.locator("[data-received]");
  await received.waitFor();
  const [paper] = await Promise.all([again.context().waitForEvent("page"), received.getByText("打开证书").click()]);
  await paper.getByRole("heading").first().waitFor();
  const took_ms = Date.now() - began;
  assert.ok(took_ms < COUNTER_MS_MAX, `${took_ms} ms`);
  assert.match(await received.innerText(), /200\.50/);
  const gift = await received.getAttribute("data-received");
  const print = received.getByRole("link", { name: "打印证书" });
  await print.waitFor();
  const pdf = await again.request.get(`${house.base}${await print.getAttribute("href")}`);
  assert.deepEqual([pdf.status(), pdf.headers()["content-type"]], [200, "application/pdf"]);
  const stored = await asAdmin(house, `/api/v1/gifts/${gift}`);
  assert.deepEqual([stored.amount_fen, stored.source, stored.account], [20_050, "counter", "cash"]);
  assert.deepEqual(faults, []);
  await close();
});

test("a refund asked for by one is approved by another, on a phone in two taps; the first may not", SKIP, async () => {
  const officer = await atWork("asks", ["fundraising_officer", "finance_officer"]);
  await officer.page.goto(`${house.base}/console/gifts`);
  await officer.page.locator("tbody tr.ant-table-row").first().click();
  await officer.page.getByRole("button", { name: "申请退款" }).click();
  await officer.page.getByLabel(/^事由/).click();
  await officer.page.getByTitle("重复付款").click();
  await officer.page.getByRole("button", { name: "提交申请" }).click();
  await officer.page.getByText("已提交，等待审批").waitFor();
  await officer.page.goto(`${house.base}/console/work`);
  await officer.page.locator(".task").first().click();
  assert.ok(await officer.page.getByRole("button", { name: "同意退款" }).isDisabled());
  await officer.page.getByText("须由另一人审批").first().waitFor();

  const leader = await atWork("approves", ["leader"], PHONE);
  await leader.page.locator(".task").first().tap();
  await leader.page.getByText("同意后立即记账").waitFor();
  await leader.page.getByRole("button", { name: "同意退款" }).tap();
  await leader.page.getByText("已同意").waitFor();
  await leader.page.getByText("都办完了").waitFor();
  const { items } = await asAdmin(house, "/api/v1/refunds?state=approved");
  assert.equal(items.length, 1);
  assert.equal(items[0].decided_by, leader.user.id);
  assert.deepEqual([...officer.faults, ...leader.faults], []);
  await officer.close();
  await leader.close();
});

const HEAD = "交易时间,交易类型,交易对方,商品,收/支,金额(元),支付方式,当前状态,交易单号";
const line = (/** @type {string} */ amount, /** @type {string} */ number) => `2026-05-08 10:00:00,二维码收款,赵某,捐款,收入,${amount},零钱,已收钱,${number}`;

test("a file with bad rows shows them in place, keeps the good ones, and can be taken back", SKIP, async () => {
  const { page, faults, close } = await atWork("imports", ["fundraising_officer"]);
  await page.goto(`${house.base}/console/imports`);
  const timeless = line("20.00", "90000000000000000004").replace("2026-05-08 10:00:00", "");
  const rows = [HEAD, line("10.00", "90000000000000000001"), line("十元", "90000000000000000002"), timeless, line("30.00", "90000000000000000003")];
  await page.locator('input[type="file"]').setInputFiles({ name: "bill.csv", mimeType: "text/csv", buffer: Buffer.from(`\uFEFF${rows.join("\n")}\n`) });
  await page.getByText("试读结果，尚未入账").waitFor();
  await page.getByRole("cell", { name: "金额无法读取" }).waitFor();
  await page.getByRole("cell", { name: "缺少时间" }).waitFor();
  await page.getByRole("button", { name: "只入账没有错的 2 笔" }).click();
  await page.getByRole("heading", { name: "已入账" }).waitFor();
  await page.getByRole("button", { name: "撤回这次导入" }).click();
  await page.getByRole("button", { name: "确认撤回" }).click();
  await page.getByText("已撤回 2 笔，共 40.00 元").waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test("three bad rows are mended on the screen and stored with the others", SKIP, async () => {
  const { page, faults, close } = await atWork("mends", ["fundraising_officer"]);
  await page.goto(`${house.base}/console/imports`);
  const rows = [HEAD, line("10.00", "91000000000000000001"), line("二十元", "91000000000000000002"), line("30.00", "91000000000000000003").replace("2026-05-08 10:00:00", "五月八日"), line("0.001", "91000000000000000004"), line("50.00", "91000000000000000005")];
  await page.locator('input[type="file"]').setInputFiles({ name: "three.csv", mimeType: "text/csv", buffer: Buffer.from(`\uFEFF${rows.join("\n")}\n`) });
  await page.getByText("有 3 行有错").waitFor();
  const row = (/** @type {number} */ number) => page.getByRole("group", { name: new RegExp(`^第 ${number} 行`) });
  assert.ok(await page.getByRole("button", { name: "改好了，重新试读" }).isDisabled(), "nothing was changed yet");
  await shoot(page, "console-import-mend-1440-zh-Hans");
  await row(3).getByLabel("金额(元)").fill("20.00");
  await row(4).getByLabel("交易时间").fill("2026-05-08 10:02:00");
  await row(5).getByLabel("金额(元)").fill("0.10");
  await page.getByRole("button", { name: "改好了，重新试读" }).click();
  await page.getByRole("button", { name: "入账 5 笔" }).click();
  await page.getByRole("heading", { name: "已入账" }).waitFor();
  const { items } = await asAdmin(house, "/api/v1/gifts?limit=5");
  assert.deepEqual(items.map((/** @type {any} */ gift) => gift.amount_fen).sort((/** @type {number} */ a, /** @type {number} */ b) => a - b), [10, 1_000, 2_000, 3_000, 5_000]);
  assert.deepEqual(faults, []);
  await close();
});

test("an auditor sees the rows and can change nothing", SKIP, async () => {
  const { page, faults, close } = await atWork("audits", ["auditor"]);
  const places = await page.locator(".rail nav a").evaluateAll((links) => links.map((link) => /** @type {HTMLAnchorElement} */ (link).pathname));
  for (const path of ["/console/gifts", "/console/refunds", "/console/books", "/console/stock", "/console/trail", "/console/totals"]) assert.ok(places.includes(path), path);
  for (const path of ["/console/counter", "/console/imports", "/console/users", "/console/jobs"]) assert.ok(!places.includes(path), path);
  for (const path of places) {
    await page.goto(house.base + path);
    await page.locator("h1").waitFor();
    await page.waitForLoadState("networkidle");
    const row = page.locator("tbody tr.ant-table-row").first();
    if (await row.count()) await row.click();
    // What she may not do stands there with its reason; her own list is the one thing that is hers to write.
    const offered = await page.locator(".screen button.ant-btn-primary:not([disabled])").count();
    if (path !== "/console/supervision") assert.equal(offered, 0, `${path} offers a change`);
  }
  // Also behind the screens: with this session, with its own token, the server refuses.
  const refused = await page.evaluate(async () => {
    const { csrf } = await (await fetch("/api/v1/session")).json();
    const send = (path, body) => fetch(path, { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": csrf }, body: JSON.stringify(body) });
    const [gift] = (await (await fetch("/api/v1/gifts?limit=1")).json()).items;
    const answers = await Promise.all([
      send(`/api/v1/gifts/${gift.gift}/refunds`, { amount_fen: 1, reason: "wrong_payment", key: "an-auditor" }),
      send("/api/v1/gifts", { account: "cash", project: "general", amount_fen: 100, key: "an-auditor" }),
      send("/api/v1/parameters", { key: "sec.idle_min", value: "60", from: "2027-01-01", legal_ref: "none" }),
    ]);
    return answers.map((answer) => answer.status);
  });
  assert.deepEqual(refused, [403, 403, 403]);
  assert.deepEqual(faults, []);
  await close();
});
