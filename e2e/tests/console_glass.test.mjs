// The sealed envelope: when nobody who may is there, its code opens the console for an hour, and every screen says so.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, invitation, password, person, screenManners } from "../lib/console.mjs";
import { qiao, startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const REASON = "两位管理员都在外地，网站上的账号有误";

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

for (const [number, size] of SIZES.entries()) {
  const language = LANGUAGES[number % LANGUAGES.length];
  test(`the envelope’s code opens for an hour, once, and every screen says so: ${size.name} px, ${language?.tag}`, SKIP, async () => {
    const { code } = await qiao("user", "break-glass", "--data", house.data ?? "");
    const auditor = await person(house, `audit-${size.name}`, ["auditor"]);
    const officer = await openPage(browser, size, language);
    await accept(officer.page, await invitation(house, auditor.id), password());
    assert.equal(await officer.page.locator(".glass").count(), number === 0 ? 0 : 1, "nothing is said before it happens");

    const { page, faults, close } = await openPage(browser, size, language);
    const found = [];
    const look = async (/** @type {import("playwright-core").Page} */ shown, /** @type {string} */ name) => {
      await shown.waitForLoadState("networkidle");
      await shoot(shown, `console-glass-${name}-${size.name}-${language?.tag}`);
      found.push(...(await screenManners(shown)).map((fault) => `${name}: ${fault}`));
    };
    await page.goto(`${house.base}/console/sign-in`);
    await page.locator('a[href$="/console/break-glass"]').click();
    await page.locator("#reason").fill("短");
    await page.locator("#code").fill(code.replaceAll("-", " ").toUpperCase());
    await page.locator('button[type="submit"]').click();
    await page.locator(".ant-form-item-has-error").waitFor();
    await page.locator("#reason").fill(REASON);
    await look(page, "door");
    await page.locator('button[type="submit"]').click();
    await page.waitForURL(/\/console\/work/);
    await page.locator(".glass").waitFor();
    await page.goto(`${house.base}/console/users`);
    await page.locator("tbody", { hasText: "break-glass" }).first().waitFor();
    await look(page, "inside");

    await officer.page.goto(`${house.base}/console/trail`);
    await officer.page.locator(".glass").waitFor();
    await officer.page.locator('a[href$="/console/envelope"]').click();
    await officer.page.getByText(REASON).first().waitFor();
    await look(officer.page, "envelope");

    const again = await openPage(browser, size, language);
    await again.page.goto(`${house.base}/console/break-glass`);
    await again.page.locator("#code").fill(code);
    await again.page.locator("#reason").fill(REASON);
    await again.page.locator('button[type="submit"]').click();
    await again.page.locator("[role=alert]").waitFor();
    assert.deepEqual([...found, ...faults, ...officer.faults], []);
    await Promise.all([close(), officer.close(), again.close()]);
  });
}
