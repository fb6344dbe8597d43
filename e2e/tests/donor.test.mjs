// The donor's way on a phone, both languages: give, pay through the sandbox, thanks, certificate, share, find it again.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, launch, manners, shoot } from "../lib/browser.mjs";
import { startGiving } from "../lib/giving.mjs";

const AGENT = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
/** @type {Awaited<ReturnType<typeof startGiving>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
let project = "";

before(async () => {
  if (SKIP.skip) return;
  house = await startGiving();
  browser = await launch();
  const home = await (await fetch(`${house.base}/`)).text();
  const campaign = home.match(/\/c\/[a-z2-7]+/)?.[0];
  const page = await (await fetch(house.base + campaign)).text();
  project = page.match(/href="(\/p\/[a-z0-9-]+)"/)?.[1] ?? "";
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** @param {typeof LANGUAGES[number]} language @param {object} more */
async function phone(language, more = {}) {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true,
    userAgent: AGENT, locale: language.locale, ...more });
  const page = await context.newPage();
  /** @type {string[]} */
  const faults = [];
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  page.on("console", (message) => { if (message.type() === "error" && !/status of 4\d\d/.test(message.text())) faults.push(`console: ${message.text()}`); });
  return { page, faults, close: () => context.close() };
}

const MOBILE = { "zh-Hans": "13800000001", en: "13800000002" };

for (const language of LANGUAGES) {
  test(`a donor gives, pays, is thanked and finds the gift again in ${language.tag}`, SKIP, async () => {
    const { page, faults, close } = await phone(language);
    await page.goto(house.base + project);
    await page.click(".bar .button");
    await page.waitForURL("**/give");
    assert.deepEqual(await manners(page), []);
    await shoot(page, `give-390-${language.tag}`);
    await page.click(".button.wechat");
    await page.waitForSelector("[role=alert]");
    assert.equal(await page.locator("#amount-fault").count(), 1, "without an amount the form comes back");
    await shoot(page, `give-wrong-390-${language.tag}`);
    await page.click(".chip:nth-of-type(2)");
    await page.fill("#name", "测试丙");
    await page.fill("#phone", MOBILE[language.tag]);
    await shoot(page, `give-filled-390-${language.tag}`);
    await page.click(".button.wechat");
    await page.waitForSelector("#pay");
    assert.ok(page.url().startsWith(house.sandbox), "at the provider");
    await page.click("#pay");
    await page.waitForSelector(".share img", { timeout: 20_000 });
    assert.ok(page.url().startsWith(`${house.base}/o/`), "back at home");
    await page.waitForSelector("img[src*=proof]", { timeout: 20_000 });
    await page.waitForFunction(() => document.querySelector("img[src*=proof]")?.naturalWidth > 600);
    await page.locator(".share img").scrollIntoViewIfNeeded();
    await page.waitForFunction(() => document.querySelector(".share img")?.naturalWidth === 1080);
    assert.deepEqual(await manners(page), []);
    await shoot(page, `thanks-390-${language.tag}`);
    const order = page.url();
    const stranger = await (await fetch(order)).text();
    assert.doesNotMatch(stranger, /class="yuan"|\/v\//, "the address alone tells no amount");
    await page.click("section .button");
    await page.waitForSelector("[data-name-text]:not([hidden])");
    assert.equal(await page.textContent("[data-name-text]"), "测试丙");

    await page.goto(`${house.base}/my`);
    await page.fill("#contact", MOBILE[language.tag]);
    await shoot(page, `my-ask-390-${language.tag}`);
    const before_ = house.messages.length;
    await page.click("form .button");
    await page.waitForSelector("#code");
    assert.deepEqual(await manners(page), []);
    await shoot(page, `my-code-390-${language.tag}`);
    const until = Date.now() + 10_000;
    while (house.messages.length === before_ && Date.now() < until) await new Promise((tick) => setTimeout(tick, 50));
    const message = house.messages.at(-1);
    assert.ok(message?.signed, "the gateway was sent a signed message");
    assert.equal(message.to, MOBILE[language.tag]);
    await page.fill("#code", message.values.code);
    await page.click("form .button");
    await page.waitForSelector(".mine");
    assert.equal(await page.locator(".mine li").count(), 1);
    assert.deepEqual(await manners(page), []);
    await shoot(page, `my-gifts-390-${language.tag}`);
    await page.click(".mine summary");
    await page.click(".mine form .button");
    await page.waitForURL("**wished=1");
    await shoot(page, `my-wished-390-${language.tag}`);
    assert.deepEqual(faults, []);
    await close();
  });
}

test("without scripts the form, its faults and the way to pay work", SKIP, async () => {
  const { page, close } = await phone(LANGUAGES[0], { javaScriptEnabled: false });
  await page.goto(`${house.base}${project}/give`);
  await page.fill("#amount", "0.5");
  await page.click(".button.wechat");
  assert.equal(await page.inputValue("#amount"), "0.5", "what was typed is still there");
  await page.fill("#amount", "８８.８");
  await page.click(".button.wechat");
  await page.waitForSelector("a[data-go]");
  await shoot(page, "pay-noscript-390-zh-Hans");
  await page.click("a[data-go]");
  await page.click("#pay");
  await page.waitForSelector("text=捐赠成功", { timeout: 30_000 });
  assert.ok((await page.textContent(".total"))?.includes("88.80"));
  await close();
});

test("on a computer the code is scanned, and the page notices by itself", SKIP, async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "zh-CN",
    userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36" });
  const page = await context.newPage();
  await page.goto(`${house.base}${project}/give`);
  await page.click(".chip");
  await shoot(page, "give-1440-zh-Hans");
  await page.dblclick(".button.wechat");
  await page.waitForSelector(".qr svg");
  assert.deepEqual(await manners(page), []);
  await shoot(page, "pay-qr-1440-zh-Hans");
  const order = page.url().replace(/\/pay.*/, "").split("/o/")[1];
  const { trade_no } = await (await fetch(`${house.base}/api/v1/orders/${order}`)).json();
  await fetch(`${house.sandbox}/sandbox/wechat/pay/${trade_no}`, { method: "POST" });
  await page.waitForSelector(".share img", { timeout: 30_000 });
  await shoot(page, "thanks-1440-zh-Hans");
  await context.close();
});
