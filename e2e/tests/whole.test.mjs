// A gift's whole way at 390 px through each payment interface: paid, matched, certified, ranked, found again, and given back
// by two people at the console's screens.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, manners, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startGiving } from "../lib/giving.mjs";
import { qiao } from "../lib/house.mjs";

const AGENT = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36";
const [PHONE, DESK] = SIZES;
const [ZH] = LANGUAGES;
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
/** Its public id and its title. */
let line = { id: "", title: "" };
let campaign = "";
/** Two people at their consoles: who asks for refunds sits at a desk, who approves them holds a phone. */
/** @type {Record<"asks" | "approves", Awaited<ReturnType<typeof openPage>> & { id: string }>} */
let staff;

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
  });
  browser = await launch();
  const atWork = async (/** @type {string} */ name, /** @type {string[]} */ roles, /** @type {typeof SIZES[number]} */ size) => {
    const { id } = await person(house, name, roles);
    const opened = await openPage(browser, size, ZH);
    await accept(opened.page, await invitation(house, id), password());
    return { ...opened, id };
  };
  staff = { asks: await atWork("asks", ["fundraising_officer", "finance_officer"], DESK),
    approves: await atWork("approves", ["leader"], PHONE) };
  const home = await (await fetch(`${house.base}/`)).text();
  campaign = home.match(/\/c\/[a-z2-7]+/)?.[0] ?? "";
  const page = await (await fetch(house.base + campaign)).text();
  project = page.match(/href="(\/p\/[a-z0-9-]+)"/)?.[1] ?? "";
  const { items: projects } = await asAdmin(house, "/api/v1/projects?limit=500");
  line = projects.find((/** @type {any} */ one) => `/p/${one.code}` === project);
  const shown = await fetch(`${house.base}/api/v1/boards/${campaign.replace("/c/", "")}/shown`, {
    method: "PUT", headers: { authorization: `Bearer ${house.init.admin_token}`, "content-type": "application/json" },
    body: JSON.stringify({ kinds: ["county", "project"] }),
  });
  assert.ok(shown.ok, await shown.text());
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

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
const totals = () => asAdmin(house, `/api/v1${project.replace("/p/", "/projects/")}/totals`);

/** The project on the board of projects: its place, the gifts that count and their sum. */
async function onBoard() {
  const { lines } = await asAdmin(house, `/api/v1/boards/${campaign.replace("/c/", "")}?by=project`);
  const own = lines.find((/** @type {any} */ one) => one.id === line.id);
  return { place: own?.place ?? lines.length + 1, gifts: own?.gifts ?? 0, sum_fen: own?.sum_fen ?? 0 };
}

/** The same once all earlier gifts are counted: two looks a second apart agree. */
async function atRest() {
  let before = await onBoard();
  return soon(async () => {
    await new Promise((tick) => setTimeout(tick, 1000));
    const now = await onBoard();
    const isSame = JSON.stringify(now) === JSON.stringify(before);
    before = now;
    return isSame && now;
  }, "the board's rest");
}

/** What the campaign's page says of the project in its ranks. @param {import("playwright-core").Page} page */
async function ranked(page) {
  await page.goto(house.base + campaign);
  const row = page.locator(".rank[data-live-list=projects] li", { has: page.getByText(line.title, { exact: true }) }).first();
  return (await row.locator(".sum").textContent())?.trim() ?? "";
}

/** What the pool has given and not taken back. */
const givenByPool = async () => (await asAdmin(house, "/api/v1/match/pools/whole")).given_fen;

/** From the donor's wish to the entry in the books: one asks, and may not approve; another approves. @param {string} way */
async function givenBack(way) {
  const { asks, approves } = staff;
  await asks.page.goto(`${house.base}/console/work`);
  const wish = asks.page.locator(".task", { hasText: "希望退款" }).first();
  await wish.click();
  await asks.page.getByRole("link", { name: "打开捐赠" }).click();
  await asks.page.getByRole("button", { name: "申请退款", exact: true }).click();
  await asks.page.getByLabel(/^事由/).click();
  await asks.page.getByTitle("付错了").click();
  await asks.page.getByRole("button", { name: "提交申请" }).click();
  await asks.page.getByText("已提交，等待审批").waitFor();
  await asks.page.goto(`${house.base}/console/work`);
  await wish.click();
  await asks.page.getByRole("button", { name: "已按意愿申请退款" }).click();
  await wish.waitFor({ state: "detached" });
  const { items: waiting } = await asAdmin(house, "/api/v1/refunds?state=requested");
  assert.deepEqual(waiting.map((/** @type {any} */ one) => [one.amount_fen, one.requested_by]), [[GIFT.fen, asks.id]]);
  const refund = asks.page.locator(".task", { hasText: "退款：付错了" }).first();
  await refund.click();
  await asks.page.getByText("须由另一人审批").first().waitFor();
  assert.ok(await asks.page.getByRole("button", { name: "同意退款" }).isDisabled(), "who asks does not approve");

  await approves.page.goto(`${house.base}/console/work`);
  await approves.page.locator(".task", { hasText: "退款：付错了" }).first().tap();
  await approves.page.getByText("同意后立即记账").waitFor();
  await shoot(approves.page, `whole-approve-390-${way}`);
  await approves.page.getByRole("button", { name: "同意退款" }).tap();
  await approves.page.getByText("已同意").waitFor();

  await asks.page.goto(`${house.base}/console/refunds?state=approved`);
  await asks.page.locator("tbody tr.ant-table-row", { hasText: "付错了" }).last().click();
  await asks.page.locator(".panel").getByText("approves", { exact: true }).waitFor();
  await shoot(asks.page, `whole-refunds-1440-${way}`);
  assert.deepEqual(await screenManners(asks.page), []);
  const { items: decided } = await asAdmin(house, "/api/v1/refunds?state=approved");
  const done = decided.find((/** @type {any} */ one) => one.refund === waiting[0].refund);
  assert.deepEqual([done.requested_by, done.decided_by], [asks.id, approves.id]);
  return done.refund;
}

for (const way of /** @type {const} */ (["wechat", "alipay"])) {
  test(`a gift by ${way} is paid, matched, certified, ranked, found again and given back`, SKIP, async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true,
      userAgent: AGENT, locale: "zh-CN" });
    const page = await context.newPage();
    const earlier = await totals();
    const stood = await atRest();
    const [saidBefore, pooled] = [await ranked(page), await givenByPool()];
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
    assert.equal((await givenByPool()) - pooled, CAP_FEN, "the pool gave the match");
    const moved = await soon(async () => {
      const now = await onBoard();
      return now.gifts === stood.gifts + 1 && now;
    }, "this gift’s place on the board");
    assert.equal(moved.sum_fen - stood.sum_fen, GIFT.fen, "the gift moved the sum, its match did not");
    assert.ok(moved.place <= stood.place, "nobody falls by a gift");
    await soon(async () => (await ranked(page)) !== saidBefore, "the new sum on the campaign’s page");
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

    const refund = await givenBack(way);
    const back = await totals();
    assert.equal(back.refunds.sum_fen - earlier.refunds.sum_fen, GIFT.fen);
    assert.equal(await givenByPool(), pooled, "the match was taken back with the gift");
    await soon(async () => JSON.stringify(await onBoard()) === JSON.stringify(stood), "the gift’s leaving of the board");
    await soon(async () => (await ranked(page)) === saidBefore, "the old sum on the campaign’s page");
    await soon(async () => {
      const answer = await staff.approves.page.request.get(`${house.base}/api/v1/facts?kind=payment.refund_settled`);
      const { items } = await answer.json();
      return items.some((/** @type {any} */ one) => one.subject === refund && one.body.provider === way && one.body.done);
    }, "the provider’s word that the money went back");

    await page.goto(`${house.base}/my`);
    await page.waitForSelector(".mine .state.refunded");
    assert.deepEqual(await manners(page), []);
    await shoot(page, `whole-refunded-390-${way}`);
    await page.click(".mine .actions a");
    await page.waitForSelector("article.paper.refunded");
    await shoot(page, `whole-certificate-refunded-390-${way}`);
    await context.close();
    assert.deepEqual([...staff.asks.faults, ...staff.approves.faults], []);
  });
}
