// Regular giving and a fund in a browser: sponsor a desk, confirm by code, be reminded, pay through the sandbox, pause, end.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { LANGUAGES, SIZES, launch, manners, openPage, shoot } from "../lib/browser.mjs";
import { startGiving } from "../lib/giving.mjs";
import { BINARY } from "../lib/house.mjs";

const run = promisify(execFile);
const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
/** @type {Awaited<ReturnType<typeof startGiving>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
let code = "";

/** @param {string[]} args */
const qiao = async (...args) => JSON.parse((await run(BINARY, [...args, "--data", house.data, "--json"])).stdout);

/** @param {string} token @param {string} path @param {object} [body] */
async function api(token, path, body) {
  const answer = await fetch(house.base + path, { method: "POST", body: body && JSON.stringify(body),
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" } });
  const text = await answer.text();
  assert.ok(answer.ok, `${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

before(async () => {
  if (SKIP.skip) return;
  house = await startGiving();
  browser = await launch();
  const home = await (await fetch(`${house.base}/`)).text();
  const campaign = home.match(/\/c\/[a-z2-7]+/)?.[0];
  const page = await (await fetch(house.base + campaign)).text();
  const codes = [...new Set([...page.matchAll(/href="\/p\/([a-z0-9-]+)"/g)].map((found) => found[1]))];
  [code] = codes;
  const raiser = (await qiao("user", "add", "raiser", "--role", "fundraising_officer")).token;
  const finance = (await qiao("user", "add", "finance", "--role", "finance_officer")).token;
  await api(raiser, `/api/v1/projects/${code}/plans`,
    { title: "一张课桌", title_en: "one desk", amount_fen: 12_000, months: 12, places: 30 });
  await api(raiser, `/api/v1/projects/${code}/news`, { title: "第一批 12 张课桌已经送到", title_en: "The first 12 desks have arrived",
    words: "五一之前，第一批课桌送到了两所村小。\n孩子们写来了信。", words_en: "Before May Day the first desks reached two village schools.\nThe children wrote." });
  const fund = await api(raiser, "/api/v1/named-funds", { project: code, kind: "community", name: "示范市红十字会晨光助学基金",
    purpose: "资助示范市困难家庭的中小学生。", purpose_en: "Helps pupils of poor families in the city.",
    spending: "学校或社区申请，管委会过半数同意，接收单位审核后直接付给学校。", spending_en: "Schools ask, the committee agrees by majority, the host checks and pays directly.",
    agreement_no: "JJ-2026-001", signed_on: new Date(Date.now() - 864e5 * 2).toISOString().slice(0, 10), fee_bp: 300, minimum_fen: 100_000,
    minimum_rule: "refuse", report_month: 3, report_day: 28, dormant_months: 12, rest_to: codes[1], rest: "转入同类项目，仍用于助学。" });
  await api(finance, `/api/v1/named-funds/${fund.id}/open`);
  await api(raiser, `/api/v1/named-funds/${fund.id}/reports`, { year: new Date().getFullYear(), words: "本年度资助学生 212 名。", words_en: "212 pupils were helped this year." });
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

const PHONES = { "zh-Hans": "13800000011", en: "13800000012" };

for (const language of LANGUAGES) {
  test(`a donor gives every month and the fund shows its books in ${language.tag}`, SKIP, async () => {
    for (const size of SIZES) {
      const { page, faults, close } = await openPage(browser, size, language);
      await page.goto(`${house.base}/p/${code}/monthly`);
      assert.deepEqual(await manners(page), []);
      await shoot(page, `monthly-${size.name}-${language.tag}`);
      await page.goto(`${house.base}/f/${code}`);
      assert.deepEqual(await manners(page), []);
      await shoot(page, `fund-${size.name}-${language.tag}`);
      assert.deepEqual(faults, []);
      await close();
    }
    const { page, faults, close } = await openPage(browser, SIZES[0], language);
    await page.goto(`${house.base}/p/${code}/monthly`);
    await page.click("form .button");
    await page.waitForSelector("[role=alert]");
    assert.ok(await page.locator("#contact-fault").count(), "without a contact the form comes back");
    await shoot(page, `monthly-wrong-390-${language.tag}`);
    await page.locator(".chip input[name=plan]").first().check({ force: true });
    const today = new Date(Date.now() + 8 * 36e5).getUTCDate();
    await page.fill("#day", String(Math.min(today, 28)));
    await page.fill("#contact", PHONES[language.tag]);
    await page.check("input[name=news]", { force: true });
    const before = house.messages.length;
    await page.click("form .button");
    await page.waitForSelector("#code");
    await shoot(page, `monthly-code-390-${language.tag}`);
    while (house.messages.length === before) await new Promise((tick) => setTimeout(tick, 50));
    await page.fill("#code", house.messages.at(-1).values.code);
    await page.click("form .button");
    await page.waitForURL("**/my/monthly?started=1");
    assert.deepEqual(await manners(page), []);
    await shoot(page, `mandates-390-${language.tag}`);
    await page.setViewportSize(SIZES[1].viewport);
    await shoot(page, `mandates-1440-${language.tag}`);
    await page.setViewportSize(SIZES[0].viewport);
    // Where the due day is today or near, the reminder comes with the next run; otherwise the page says when.
    await qiao("recurring", "due");
    const due = house.messages.filter((m) => m.template === "monthly_due" && m.to === PHONES[language.tag]).at(-1);
    if (due) {
      await page.goto(due.values.link);
      assert.deepEqual(await manners(page), []);
      await shoot(page, `month-390-${language.tag}`);
      await page.setViewportSize(SIZES[1].viewport);
      await shoot(page, `month-1440-${language.tag}`);
      await page.setViewportSize(SIZES[0].viewport);
      await page.click(".card .button");
      await page.waitForURL("**/pay");
      await page.goto(`${house.base}/my/monthly`);
    }
    await page.locator("details summary").last().click();
    await shoot(page, `mandates-pause-390-${language.tag}`);
    await page.click("button[value=pause]");
    await page.waitForURL("**/my/monthly?done=pause");
    await page.click("button[value=resume]");
    await page.waitForURL("**/my/monthly?done=resume");
    // News for who agreed: a link, a button to go on, one tap to stop.
    const news = house.messages.filter((m) => m.template === "project_news" && m.to === PHONES[language.tag]);
    assert.equal(news.length, 0, "news published before the agreement are not sent");
    assert.deepEqual(faults, []);
    await close();
  });
}

test("news reach who agreed, and one tap ends them", SKIP, async () => {
  const raiser = (await qiao("user", "add", "second raiser", "--role", "fundraising_officer")).token;
  await api(raiser, `/api/v1/projects/${code}/news`, { title: "又一批课桌送到", title_en: "More desks have arrived",
    words: "第二批 18 张课桌也到了。", words_en: "The second 18 desks have come." });
  await qiao("recurring", "due");
  for (const language of LANGUAGES) {
    const told = house.messages.filter((m) => m.template === "project_news" && m.to === PHONES[language.tag]);
    assert.equal(told.length, 1);
    for (const size of SIZES) {
      const { page, faults, close } = await openPage(browser, size, language);
      await page.goto(told[0].values.link);
      assert.deepEqual(await manners(page), []);
      await shoot(page, `progress-${size.name}-${language.tag}`);
      if (size === SIZES[1]) {
        await page.click("form .button");
        await page.waitForSelector("[role=status]");
        await shoot(page, `progress-ended-${size.name}-${language.tag}`);
      }
      assert.deepEqual(faults, []);
      await close();
    }
  }
});
