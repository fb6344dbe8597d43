// The public pages, seen by a person with a phone and by one at a desk, in both languages.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, manners, openPage, shoot } from "../lib/browser.mjs";
import { notify, startHouse } from "../lib/house.mjs";

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** Addresses found by walking, as a visitor finds them. @type {Record<string, string>} */
const found = {};
const GIFT = { trade_no: "E2E20260508000000000001", amount_fen: 128_050, paid_at: "2026-05-08T02:31:07Z", day: "2026-05-08" };

before(async () => {
  house = await startHouse();
  browser = await launch();
  const home = await (await fetch(`${house.base}/`)).text();
  found.home = "/";
  found.lookup = "/lookup";
  found.notices = "/notices";
  found.missing = "/nothing-here";
  const first = (/** @type {RegExp} */ pattern) => home.match(pattern)?.[0];
  const [campaign, project] = [first(/\/c\/[a-z2-7]+/), first(/\/p\/[a-z0-9-]+/)];
  if (campaign) found.campaign = campaign;
  if (project) found.project = project;
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

for (const size of SIZES) {
  for (const language of LANGUAGES) {
    test(`pages keep their manners at ${size.name} px in ${language.tag}`, async () => {
      assert.ok(found.campaign && found.project, "the home page leads to a campaign and a project");
      const { page, faults, close } = await openPage(browser, size, language);
      for (const [name, address] of Object.entries(found)) {
        const answer = await page.goto(house.base + address);
        assert.equal(answer?.status(), name === "missing" ? 404 : 200, address);
        assert.equal(await page.getAttribute("html", "lang"), language.tag, `${address} speaks the browser's language`);
        assert.deepEqual(await manners(page), [], `${address} at ${size.name}`);
        await shoot(page, `${name}-${size.name}-${language.tag}`);
      }
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test("the language can be chosen and is kept", async () => {
  const { page, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  await page.goto(house.base + found.home);
  await page.click("a[data-language]");
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await page.goto(house.base + found.lookup);
  assert.equal(await page.getAttribute("html", "lang"), "en", "the next page remembers");
  await close();
});

test("a campaign shows what the law wants prominent", async () => {
  const { page, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  await page.goto(house.base + found.campaign);
  const text = await page.innerText("body");
  for (const wanted of ["备案编号", "公开募捐资格证书", "如何查询", "数据截至"]) assert.ok(text.includes(wanted), wanted);
  await close();
});

test("totals move without reload when a gift arrives", { skip: process.env.E2E_BASE ? "needs a house of its own" : false }, async () => {
  const { page, faults, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  await page.goto(house.base + found.home);
  const gifts = () => page.textContent('[data-live="gifts"]');
  const before_ = await gifts();
  const answer = await notify(house, { trade_no: GIFT.trade_no, amount_fen: GIFT.amount_fen, paid_at: GIFT.paid_at, payer: { name: "测试单位甲" } });
  assert.equal(answer.status, 200, await answer.text());
  await page.waitForFunction((old) => document.querySelector('[data-live="gifts"]')?.textContent !== old, before_, { timeout: 10_000 });
  assert.notEqual(await gifts(), before_);
  assert.deepEqual(faults, []);
  await close();
});

for (const size of SIZES) {
  for (const language of LANGUAGES) {
    test(`a donor finds the gift and its certificate at ${size.name} px in ${language.tag}`,
      { skip: process.env.E2E_BASE ? "needs a house of its own" : false }, async () => {
        const { page, faults, close } = await openPage(browser, size, language);
        await page.goto(house.base + found.lookup);
        await page.fill("#number", GIFT.trade_no);
        await page.fill("#amount", "1280.50");
        await page.fill("#day", GIFT.day);
        await page.click("form .button");
        await page.waitForSelector(".found");
        assert.deepEqual(await manners(page), []);
        await shoot(page, `found-${size.name}-${language.tag}`);
        await page.click(".found .button");
        await page.waitForSelector(".paper");
        assert.match(page.url(), /\/v\/[a-z2-7]{26}/);
        assert.ok((await page.textContent(".paper .total"))?.includes("1,280"), "the amount is shown");
        assert.deepEqual(await manners(page), []);
        await shoot(page, `certificate-${size.name}-${language.tag}`);
        const { pathname, hash } = new URL(page.url());
        found.certificate = pathname + hash;
        assert.deepEqual(faults, []);
        await close();
      });
  }
}

test("a wrong amount finds nothing, and a part of a number asks nothing", async () => {
  const { page, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  const ask = async (/** @type {string} */ number, /** @type {string} */ amount) => {
    await page.goto(house.base + found.lookup);
    await page.fill("#number", number);
    await page.fill("#amount", amount);
    await page.fill("#day", GIFT.day);
    await page.click("form .button");
    return page.innerText("main");
  };
  assert.match(await ask(GIFT.trade_no, "1280.51"), /没有查到这笔捐赠/);
  await shoot(page, "nothing-390-zh-Hans");
  assert.match(await ask("E2E", "1280.50"), /请填写完整的交易单号/);
  await close();
});

test("a certificate's papers are given to the holder of the key alone, and stay the same", { skip: process.env.E2E_BASE ? "needs a house of its own" : false }, async () => {
  assert.ok(found.certificate, "a certificate was opened before");
  const { page, faults, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  await page.goto(house.base + found.certificate);
  assert.ok(found.certificate.includes("#"), "the look-up gives the key behind the mark");
  await page.waitForSelector("[data-papers]:not([hidden])");
  assert.equal(await page.textContent("[data-name-text]"), "测试单位甲", "the name opens on the reader's device");
  const picture = page.locator("[data-papers] img");
  await picture.scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelector("[data-papers] img")?.naturalWidth > 600);
  await shoot(page, "certificate-open-390-zh-Hans");
  const links = await page.locator("a[data-paper]").evaluateAll((all) => all.map((link) => link.href));
  // One of a few gifts of its day waits for others before it stands in the log, and the page says so; log.test.mjs reads a proof.
  const waits = await page.locator('[data-log-waits="others"]').isVisible();
  assert.equal(links.some((link) => link.includes("/proof.pdf")), !waits, "either it waits or its proof is offered");
  assert.deepEqual(faults, []);
  await close();
  for (const address of new Set(links)) {
    if (address.includes("/proof.pdf")) {
      // Offered only once it can be answered.
      assert.equal((await fetch(address)).status, 200, address);
    }
    const read = async () => Buffer.from(await (await fetch(address)).arrayBuffer());
    const [first, second] = [await read(), await read()];
    assert.ok(first.equals(second), `${address} is the same twice`);
    const head = first.subarray(0, 4).toString("latin1");
    assert.ok(head === "%PDF" || head === "\x89PNG", `${address} begins with ${JSON.stringify(head)}`);
    assert.equal((await fetch(address.replace(/\?.*/, ""))).status, 403, "nothing without the proof");
    assert.equal((await fetch(address.replace(/.(?=$)/, "") )).status, 403, "nothing for a part of it");
  }
  const without = await fetch(house.base + found.certificate.replace(/#.*/, ""));
  assert.doesNotMatch(await without.text(), /测试单位甲/, "the page itself never tells the name");
});
