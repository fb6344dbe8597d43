// The console's screens of money from outside: connecting a payment provider, and settling what a sponsor owes.
import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;

const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());
const hence = (/** @type {number} */ hours) => new Date(Date.now() + hours * 3_600_000).toISOString();
const give = (/** @type {string} */ key, /** @type {string} */ project, /** @type {number} */ fen) =>
  asAdmin(house, "/api/v1/gifts", { key, account: "cash", project, amount_fen: fen, payer: { name: "示例企业" }, receipt: "waived" });

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  const { unit_id: unit, admin_token: token } = house.init;
  const { items: campaigns } = await asAdmin(house, "/api/v1/campaigns");
  const campaign = campaigns.find((/** @type {any} */ one) => one.state === "open").id;
  const held = await asAdmin(house, "/api/v1/projects", { unit, campaign, code: "sponsor-money", title: "示例企业配捐资金", region_code: "371300", nature: "agency" });
  await asAdmin(house, `/api/v1/projects/${held.id}/open`, {});
  const { gift } = await give("backing", "sponsor-money", 1_000_00);
  const { id: sponsor } = await asAdmin(house, "/api/v1/match/sponsors", { unit, name: "示例企业" });
  const { items: accounts } = await asAdmin(house, "/api/v1/accounts");
  const { id: account } = accounts.find((/** @type {any} */ one) => one.code === "cash");
  await asAdmin(house, "/api/v1/match/pools", { unit, code: "one-to-one", title: "示例企业一比一", sponsor, account, gift, locked_fen: 1_000_00 });
  const rule = {
    eligible: { projects: [], channels: [], payer_kinds: [], payers: "any", excluded: [] }, window: { spans: [{ from: hence(-48), to: hence(48) }] }, base: { minimum_fen: 0 },
    kind: { kind: "ratio", permille: 1000 }, bonus: [], round_to_fen: 1, caps: {}, partial: "allowed", stacking: "adds", on_refund: "to_pool",
    hold_from_fen: 100_00,
  };
  const put = await fetch(`${house.base}/api/v1/match/pools/one-to-one/rule`, {
    method: "PUT", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify({ rule }),
  });
  assert.ok(put.ok, await put.text());
  for (const step of ["publish", "open"]) await asAdmin(house, `/api/v1/match/pools/one-to-one/${step}`, {});
  await give("matched", "aed", 30_00);
  await give("waits", "aed", 200_00);
  await give("waits-too", "aed", 300_00);
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/** A finance officer at her first screen. @param {string} name @param {typeof SIZES[number]} size @param {typeof LANGUAGES[number]} language */
async function atWork(name, size = DESK, language = ZH) {
  const user = await person(house, name, ["finance_officer", "fundraising_officer"]);
  const opened = await openPage(browser, size, language);
  await accept(opened.page, await invitation(house, user.id), password());
  return opened;
}

test("a provider is connected by a form: wrong keys are refused at their field, right ones are shown by a fingerprint", SKIP, async () => {
  const { page, faults, close } = await atWork("connects", PHONE);
  await page.goto(`${house.base}/console/payments`);
  await page.getByRole("button", { name: "接入支付机构" }).click();
  await page.getByLabel("商户号（mchid）").fill("1900000001");
  await page.getByLabel("公众号 AppID").fill("wx0000000000000001");
  await page.getByLabel("商户证书序列号").fill("5157F09EFDC096DE15EBE81A47057A72");
  await page.getByLabel("商户私钥").fill("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
  await page.getByLabel("APIv3 密钥").fill("short");
  await page.getByText("APIv3 密钥是 32 位", { exact: true }).waitFor();
  await page.getByLabel("APIv3 密钥").fill("a".repeat(32));
  await page.getByRole("button", { name: "保存并启用" }).click();
  await page.locator(".ant-form-item-has-error", { hasText: "商户私钥" }).waitFor();
  assert.deepEqual((await asAdmin(house, "/api/v1/payments/gateways")).items, [], "nothing is kept of what cannot be used");

  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  await page.getByLabel("商户私钥").fill(String(privateKey.export({ type: "pkcs8", format: "pem" })));
  await page.getByRole("button", { name: "保存并启用" }).click();
  await page.locator("tbody", { hasText: "1900000001" }).first().waitFor();
  const { items } = await asAdmin(house, "/api/v1/payments/gateways");
  assert.deepEqual(items.map((/** @type {any} */ one) => [one.merchant, one.is_connected, one.is_real, one.key.length]), [["1900000001", true, true, 16]]);
  assert.deepEqual(faults, []);
  await close();
});

test("what a sponsor owes is told, and its payment booked out of the money that is held", SKIP, async () => {
  const { page, faults, close } = await atWork("settles");
  await page.goto(`${house.base}/console/pools?pool=one-to-one`);
  const debt = page.locator("[data-debt]");
  await debt.getByText("应付未付").waitFor();
  assert.match(await debt.innerText(), /30\.00/);
  await debt.getByRole("button", { name: "登记付款" }).click();
  await debt.getByText("从代管的出资款中划转 30.00 元").waitFor();
  await page.getByLabel("金额").fill("30.01");
  await debt.getByRole("button", { name: "登记付款" }).click();
  await debt.locator(".ant-form-item-has-error, [role=alert]").first().waitFor();
  await page.getByLabel("金额").fill("30");
  await debt.getByRole("button", { name: "登记付款" }).click();
  await debt.getByText("第 1 次付款").waitFor();
  const told = await asAdmin(house, "/api/v1/match/pools/one-to-one/debt");
  assert.deepEqual([told.owed_fen, told.settled_fen, told.settlements.length, told.settlements[0].paid_on], [0, 30_00, 1, today()]);
  assert.deepEqual(faults, []);
  await close();
});

test("matches that wait stand with their pool: one is released, one refused, and the gifts stand", SKIP, async () => {
  const { page, faults, close } = await atWork("releases", PHONE);
  await page.goto(`${house.base}/console/pools?pool=one-to-one`);
  const waiting = page.locator("[data-held-matches] [data-held]");
  await waiting.nth(1).waitFor();
  const pool = () => asAdmin(house, "/api/v1/match/pools/one-to-one");
  const before = await pool();
  await waiting.first().getByRole("button", { name: "放行配捐" }).tap();
  await waiting.nth(1).waitFor({ state: "detached" });
  assert.equal((await pool()).given_fen - before.given_fen, 200_00, "the oldest first, by the rule");
  await waiting.first().getByRole("button", { name: "不配捐" }).tap();
  await page.locator("[data-held-matches]").getByText("没有待复核的配捐").waitFor();
  assert.equal((await pool()).given_fen - before.given_fen, 200_00, "a refused match gives nothing");
  assert.deepEqual(faults, []);
  await close();
});

for (const size of SIZES) {
  for (const language of [ZH, EN]) {
    test(`both screens at ${size.name} px in ${language?.tag} keep their manners`, SKIP, async () => {
      const { page, faults, close } = await atWork(`looks-${size.name}-${language?.tag}`, size, language);
      const found = [];
      const look = async (/** @type {string} */ name) => {
        await page.waitForLoadState("networkidle");
        await shoot(page, `console-money-${name}-${size.name}-${language?.tag}`);
        found.push(...(await screenManners(page)).map((fault) => `${name}: ${fault}`));
      };
      await page.goto(`${house.base}/console/payments`);
      await page.locator("main h1").waitFor();
      await look("payments");
      await page.locator("main > header .acts button").first().click();
      await page.locator(".panel form").waitFor();
      await look("connect");
      await page.goto(`${house.base}/console/pools?pool=one-to-one`);
      await page.locator("[data-debt]").scrollIntoViewIfNeeded();
      await look("debt");
      assert.deepEqual([...found, ...faults], []);
      await close();
    });
  }
}
