// A gift's whole way at 390 px through each payment interface: paid, matched, certified, ranked, found again, given back.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, manners, shoot } from "../lib/browser.mjs";
import { startGiving } from "../lib/giving.mjs";
import { qiao } from "../lib/house.mjs";

const AGENT = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const MOBILE = { wechat: "13800000011", alipay: "13800000012" };
/** One fen for each fen, and at most this much a gift. */
const CAP_FEN = 300;
const GIFT = { yuan: "8.66", fen: 866 };
/** @type {Awaited<ReturnType<typeof startGiving>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
let project = "";
let campaign = "";
/** @type {Record<"asks" | "approves", string>} */
const tokens = { asks: "", approves: "" };

before(async () => {
  if (SKIP.skip) return;
  house = await startGiving(async (data, folder) => {
    const [rule, paper] = [path.join(folder, "rule.json"), path.join(folder, "agreement.txt")];
    const day = 86_400_000;
    const span = { from: new Date(Date.now() - day).toISOString(), to: new Date(Date.now() + day).toISOString() };
    await writeFile(rule, JSON.stringify({ window: { spans: [span] }, kind: { kind: "ratio", permille: 1000 },
      caps: { gift_fen: CAP_FEN }, on_refund: "to_pool" }));
    await writeFile(paper, "an agreement made up for the tests");
    await qiao("match", "set-up", "--data", data, "--pool", "whole", "--sponsor", "示范企业", "--locked-yuan", "1000",
      "--rule", rule, "--agreement", paper, "--open");
    const add = async (/** @type {string} */ name, /** @type {string} */ role) =>
      (await qiao("user", "add", name, "--role", role, "--data", data)).token;
    tokens.asks = await add("asks", "fundraising_officer");
    tokens.approves = await add("approves", "leader");
  });
  browser = await launch();
  const home = await (await fetch(`${house.base}/`)).text();
  campaign = home.match(/\/c\/[a-z2-7]+/)?.[0] ?? "";
  const page = await (await fetch(house.base + campaign)).text();
  project = page.match(/href="(\/p\/[a-z0-9-]+)"/)?.[1] ?? "";
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** @param {string} token @param {string} method @param {string} at @param {object} [body] @returns {Promise<any>} */
async function staff(token, method, at, body) {
  const answer = await fetch(house.base + at, { method, body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${at}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** @template T @param {() => Promise<T | undefined | false>} look @param {string} what @returns {Promise<T>} */
async function soon(look, what) {
  const until = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(`${what} did not happen`);
    await new Promise((tick) => setTimeout(tick, 200));
  }
}

/** What the books say of the project: gifts and refunds, matches apart. */
const totals = () => staff(tokens.asks, "GET", `/api/v1${project.replace("/p/", "/projects/")}/totals`);

for (const way of /** @type {const} */ (["wechat", "alipay"])) {
  test(`a gift by ${way} is paid, matched, certified, ranked, found again and given back`, SKIP, async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true,
      userAgent: AGENT, locale: "zh-CN" });
    const page = await context.newPage();
    const earlier = await totals();
    await page.goto(`${house.base}${project}/give`);
    await page.fill("#amount", GIFT.yuan);
    await page.fill("#name", "赵示范");
    await page.fill("#phone", MOBILE[way]);
    await shoot(page, `whole-give-390-${way}`);
    await page.click(`.button.${way}`);
    await page.waitForSelector(way === "wechat" ? "#pay" : "button.pay");
    assert.ok(page.url().startsWith(house.sandbox), `at the provider, not at ${page.url()}`);
    await page.click(way === "wechat" ? "#pay" : "button.pay");
    await page.waitForSelector(".share img", { timeout: 20_000 });
    assert.ok(page.url().startsWith(`${house.base}/o/`), "back at home");
    const matched = await page.textContent(".matched");
    assert.match(matched ?? "", /示范企业.*3\.00/s, "who matched it, and with how much");
    await page.waitForSelector("img[src*=proof]", { timeout: 20_000 });
    assert.deepEqual(await manners(page), []);
    await shoot(page, `whole-thanks-390-${way}`);

    const later = await totals();
    assert.equal(later.gifts - earlier.gifts, 1);
    assert.equal(later.sum_fen - earlier.sum_fen, GIFT.fen, "matches stand apart");
    await page.goto(house.base + campaign);
    await page.waitForSelector(".rank .sum");
    await shoot(page, `whole-campaign-390-${way}`);

    await page.goto(`${house.base}/my`);
    await page.fill("#contact", MOBILE[way]);
    const sent = house.messages.length;
    await page.click("form .button");
    await page.waitForSelector("#code");
    const message = await soon(async () => house.messages[sent], "a message with the code");
    await page.fill("#code", message.values.code);
    await page.click("form .button");
    await page.waitForSelector(".mine");
    await page.click(".mine summary");
    await page.click(".mine form .button");
    await page.waitForURL("**wished=1");

    const wishes = await soon(async () => {
      const waiting = await staff(tokens.asks, "GET", "/api/v1/refund-wishes");
      return waiting.items.length > 0 && waiting.items;
    }, "the wish");
    assert.equal(wishes.length, 1);
    const [wish] = wishes;
    const asked = await staff(tokens.asks, "POST", `/api/v1/gifts/${wish.gift}/refunds`,
      { amount_fen: GIFT.fen, reason: "wrong_payment", key: `whole-${way}` });
    await staff(tokens.asks, "POST", `/api/v1/refund-wishes/${wish.id}/take`);
    const own = await fetch(`${house.base}/api/v1/refunds/${asked.refund}/approve`,
      { method: "POST", headers: { authorization: `Bearer ${tokens.asks}` } });
    assert.equal(own.status, 403, "who asks does not approve");
    await staff(tokens.approves, "POST", `/api/v1/refunds/${asked.refund}/approve`);
    const back = await totals();
    assert.equal(back.refunds.sum_fen - earlier.refunds.sum_fen, GIFT.fen);
    await soon(async () => {
      const { items } = await staff(tokens.approves, "GET", "/api/v1/facts?kind=payment.refund_settled");
      return items.some((/** @type {any} */ one) => one.subject === asked.refund && one.body.provider === way && one.body.done);
    }, "the provider’s word that the money went back");

    await page.goto(`${house.base}/my`);
    await page.waitForSelector(".mine .state.refunded");
    assert.deepEqual(await manners(page), []);
    await shoot(page, `whole-refunded-390-${way}`);
    await page.click(".mine .actions a");
    await page.waitForSelector("article.paper.refunded");
    await shoot(page, `whole-certificate-refunded-390-${way}`);
    await context.close();
  });
}
