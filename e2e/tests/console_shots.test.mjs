// Every console screen at 390 and 1440 px in both languages: what must always hold, and a picture to look at.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, password, person, screenManners } from "../lib/console.mjs";
import { notify, qiao, startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
/** Addresses and what is opened on them; `row` opens the first row beside its table. */
const SCREENS = [
  { name: "work", path: "/work", row: ".task" }, { name: "gifts", path: "/gifts", row: "tbody tr.ant-table-row" }, { name: "counter", path: "/counter" },
  { name: "imports", path: "/imports" }, { name: "refunds", path: "/refunds", row: "tbody tr.ant-table-row" }, { name: "campaigns", path: "/campaigns", row: "tbody tr.ant-table-row" },
  { name: "projects", path: "/projects", row: "tbody tr.ant-table-row" }, { name: "pools", path: "/pools" }, { name: "funds", path: "/funds" }, { name: "mandates", path: "/mandates" }, { name: "books", path: "/books", row: "tbody tr.ant-table-row" },
  { name: "books-balance", path: "/books?sheet=balance" }, { name: "books-activities", path: "/books?sheet=activities" }, { name: "stock", path: "/stock" },
  { name: "dispatches", path: "/dispatches" }, { name: "goods-plans", path: "/goods-plans" }, { name: "trucks", path: "/trucks" }, { name: "boxes", path: "/boxes" },
  { name: "matches", path: "/matches" }, { name: "envelope", path: "/envelope" }, { name: "messages", path: "/messages" }, { name: "platforms", path: "/platforms", row: "tbody tr.ant-table-row" },
  { name: "units", path: "/units", row: "tbody tr.ant-table-row" }, { name: "accounts", path: "/accounts", row: "tbody tr.ant-table-row" }, { name: "users", path: "/users", row: "tbody tr.ant-table-row" }, { name: "totals", path: "/totals" },
  { name: "powers", path: "/powers" }, { name: "trail", path: "/trail", row: "tbody tr.ant-table-row" }, { name: "parameters", path: "/parameters", row: "tbody tr.ant-table-row" },
  { name: "jobs", path: "/jobs", row: "tbody tr.ant-table-row" }, { name: "payments", path: "/payments" },
  { name: "approvals", path: "/approvals" }, { name: "cases", path: "/cases" }, { name: "policies", path: "/policies", row: "tbody tr.ant-table-row" },
  { name: "reports", path: "/reports" }, { name: "hand-in", path: "/hand-in" }, { name: "roster", path: "/roster" }, { name: "documents", path: "/documents" }, { name: "account", path: "/account" },
  { name: "notices", path: "/notices" }, { name: "supervision", path: "/supervision" }, { name: "supervision-rules", path: "/supervision?sheet=rules" }, { name: "copies", path: "/copies" }, { name: "erasures", path: "/erasures" }, { name: "donors", path: "/donors" },
];

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {string} */
let secret;
/** @type {string[]} */
let codes;
before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  browser = await launch();
  // Something waits for a decision: a held line, and a refund that another person asked for.
  const { items } = await asAdmin(house, "/api/v1/gifts?limit=2");
  const paid = { trade_no: "shots-1", amount_fen: 8_800, paid_at: "2026-05-08T12:00:00Z", project: "aed", payer: { name: "示例捐赠人" } };
  for (const amount_fen of [8_800, 9_900]) assert.ok((await notify(house, { ...paid, amount_fen })).ok);
  const asked = await person(house, "asks-for-shots", ["fundraising_officer"]);
  const { token } = await asAdmin(house, `/api/v1/users/${asked.id}/tokens`, { name: "shots" });
  const answer = await fetch(`${house.base}/api/v1/gifts/${items[0].gift}/refunds`, {
    method: "POST", headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ amount_fen: 100, reason: "duplicate_payment", key: "shots" }),
  });
  assert.equal(answer.status, 201);
  // One person sees all screens: the first one, and an auditor's eyes beside.
  const me = await asAdmin(house, "/api/v1/me");
  await asAdmin(house, `/api/v1/users/${me.id}/roles`, { role: "auditor", unit: house.init.unit_id });
  secret = password();
  const { page, close } = await openPage(browser, SIZES[1], LANGUAGES[0]);
  // Nobody invites herself with a token; the operator does.
  const { path } = await qiao("user", "invite", "admin", "--data", /** @type {string} */ (house.data));
  ({ codes } = await accept(page, house.base + path, secret));
  await close();
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

for (const size of SIZES) {
  for (const language of LANGUAGES) {
    test(`every screen at ${size.name} px in ${language.tag} keeps its manners`, SKIP, async () => {
      const { page, faults, close } = await openPage(browser, size, language);
      const label = `${size.name}-${language.tag}`;
      await page.goto(`${house.base}/console/`);
      await page.locator('input[autocomplete="username"]').fill("admin");
      await page.locator('input[autocomplete="current-password"]').fill(secret);
      await shoot(page, `console-signin-${label}`);
      await page.locator('button[type="submit"]').click();
      await page.locator('input[autocomplete="one-time-code"]').fill(codes.shift() ?? "");
      await page.locator('button[type="submit"]').click();
      await page.waitForURL(/\/console\/work/);
      const found = [];
      for (const screen of SCREENS) {
        await page.goto(`${house.base}/console${screen.path}`);
        await page.locator("main h1").waitFor();
        await page.waitForLoadState("networkidle");
        await shoot(page, `console-${screen.name}-${label}`);
        found.push(...(await screenManners(page)).map((fault) => `${screen.name}: ${fault}`));
        const row = screen.row ? page.locator(screen.row).first() : null;
        if (row && (await row.count())) {
          await row.click();
          await page.locator(".panel").waitFor();
          await page.waitForLoadState("networkidle");
          await shoot(page, `console-${screen.name}-open-${label}`);
          found.push(...(await screenManners(page)).map((fault) => `${screen.name}, opened: ${fault}`));
        }
      }
      assert.deepEqual([...found, ...faults], []);
      await close();
    });
  }
}
