// Passkeys: Chromium's own virtual authenticator makes one on the first day, signs in with it, and the page says what it needs.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;

before(async () => {
  if (SKIP.skip) return;
  // Browsers give passkeys to names, not to numbers.
  house = await startHouse({ name: "localhost" });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await house?.stop();
});

/**
 * A key in the machine that knows its user, as a laptop's does.
 * @param {import("playwright-core").Page} page
 */
async function authenticator(page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", {
    options: { protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true },
  });
  return {
    credentials: async () => (await devtools.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    forget: () => devtools.send("WebAuthn.clearCredentials", { authenticatorId }),
  };
}

/** @param {import("playwright-core").Page} page @param {string} name @param {string} secret */
async function nameAndPassword(page, name, secret) {
  await page.goto(`${house.base}/console/sign-in`);
  await page.locator('input[autocomplete="username"]').fill(name);
  await page.locator('input[type="password"]').fill(secret);
  await page.locator('button[type="submit"]').click();
}

for (const [number, size] of SIZES.entries()) {
  const language = LANGUAGES[number % LANGUAGES.length];
  const zh = language?.tag === "zh-Hans";
  test(`a passkey is made on the first day, opens the house, and a recovery code does where it is lost: ${size.name} px, ${language?.tag}`, SKIP, async () => {
    const who = await person(house, `keyholder-${size.name}`, ["leader"]);
    const secret = password();
    const { page, faults, close } = await openPage(browser, size, language);
    const key = await authenticator(page);
    /** @type {string[]} */
    const found = [];
    const look = async (/** @type {string} */ name) => {
      await page.waitForLoadState("networkidle");
      await shoot(page, `console-passkey-${name}-${size.name}-${language?.tag}`);
      found.push(...(await screenManners(page)).map((fault) => `${name}: ${fault}`));
    };

    await page.goto(await invitation(house, who.id));
    const fields = page.locator('input[type="password"]');
    await fields.nth(0).fill(secret);
    await fields.nth(1).fill(secret);
    await page.locator('button[type="submit"]').click();
    await page.waitForURL(/\/console\/first/);
    await page.locator(".ant-qrcode").waitFor();
    await page.getByRole("button", { name: zh ? "改用通行密钥" : "Rather a passkey" }).click();
    await page.locator("#name").fill(zh ? "办公室电脑" : "Office computer");
    await look("first");
    await page.locator('button[type="submit"]').click();
    await page.locator(".codes li").nth(9).waitFor();
    const codes = await page.locator(".codes li").allInnerTexts();
    assert.equal((await key.credentials()).length, 1);
    await page.locator('input[type="checkbox"]').check();
    await page.locator("button.ant-btn-primary").click();
    await page.waitForURL(/\/console\/work/);

    // The list, another name, and the last one that stays.
    await page.goto(`${house.base}/console/account`);
    const list = page.locator("[data-passkeys]");
    await list.locator("li").first().waitFor();
    await list.getByRole("button", { name: zh ? /改\s?名/ : "Rename" }).click();
    await list.locator("input").fill(zh ? "值班室电脑" : "Duty room");
    await page.keyboard.press("Enter");
    await list.getByText(zh ? "值班室电脑" : "Duty room").waitFor();
    await look("account");
    await list.getByRole("button", { name: zh ? /移\s?除/ : "Remove" }).click();
    await page.locator(".ant-modal-confirm .ant-btn-dangerous").click();
    await page.locator(".ant-modal-confirm-title", { hasText: zh ? "最后一个第二重验证不能移除" : "The last second factor stays" }).waitFor();
    await page.locator(".ant-modal-confirm-error .ant-btn-primary").click();
    assert.equal(await list.locator("li").count(), 1);

    // In again with the password and the key; the password alone asks for it.
    await page.context().clearCookies();
    await nameAndPassword(page, who.name, secret);
    await page.locator('input[autocomplete="one-time-code"]').waitFor();
    await look("sign-in");
    await page.getByRole("button", { name: zh ? "使用通行密钥" : "Use a passkey" }).click();
    await page.waitForURL(/\/console\/work/);
    const used = await page.evaluate(async () => (await (await fetch("/api/v1/account/passkeys")).json()).items);
    assert.equal(used.length, 1);
    assert.notEqual(used[0].last_used_at, null);
    const [stored] = await key.credentials();
    assert.ok((stored?.signCount ?? 0) > 0, "the browser’s key counts");

    // The key is lost: the browser finds none, and a recovery code opens.
    await page.context().clearCookies();
    await key.forget();
    await nameAndPassword(page, who.name, secret);
    await page.locator('input[autocomplete="one-time-code"]').waitFor();
    await page.evaluate(() => {
      // What a browser says when its window is closed or no key fits; its own window is not ours to test.
      navigator.credentials.get = () => Promise.reject(new DOMException("closed", "NotAllowedError"));
    });
    await page.getByRole("button", { name: zh ? "使用通行密钥" : "Use a passkey" }).click();
    await page.getByText(zh ? "没有出示通行密钥" : "No passkey was shown").waitFor();
    await page.locator('input[autocomplete="one-time-code"]').fill(codes[0] ?? "");
    await page.locator('button[type="submit"]').click();
    await page.waitForURL(/\/console\/work/);

    // A second key; then the lost one goes.
    await page.goto(`${house.base}/console/account`);
    await page.getByRole("button", { name: zh ? "添加通行密钥" : "Add a passkey" }).click();
    await page.locator(".ant-modal #name").fill(zh ? "新电脑" : "New computer");
    await page.locator('.ant-modal button[type="submit"]').click();
    await list.locator("li").nth(1).waitFor();
    await list.locator("li").first().getByRole("button", { name: zh ? /移\s?除/ : "Remove" }).click();
    await page.locator(".ant-modal-confirm .ant-btn-dangerous").click();
    await list.locator("li").nth(1).waitFor({ state: "detached" });
    assert.match(await list.innerText(), zh ? /新电脑/ : /New computer/);
    assert.deepEqual([...found, ...faults], []);
    await close();
  });
}

test("who looks after people sees their passkeys and cannot take the last one", SKIP, async () => {
  const [, desk] = SIZES;
  const [, english] = LANGUAGES;
  const security = await person(house, "looks-after", ["security_administrator"]);
  const { page, faults, close } = await openPage(browser, desk, english);
  await accept(page, await invitation(house, security.id), password());
  const users = (await asAdmin(house, "/api/v1/users")).items;
  const holder = users.find((/** @type {any} */ one) => one.name === `keyholder-${desk?.name}`);
  await page.goto(`${house.base}/console/users`);
  await page.locator("tbody tr", { hasText: holder.name }).first().click();
  const panel = page.locator(".panel");
  await panel.locator("[data-passkeys] li").first().waitFor();
  await panel.locator("[data-passkeys]").getByRole("button", { name: "Remove" }).click();
  await page.locator(".ant-modal-confirm .ant-btn-dangerous").click();
  await page.locator(".ant-modal-confirm-title", { hasText: "The last second factor stays" }).waitFor();
  assert.deepEqual(faults, []);
  await close();
});

test("on a page without a secure connection the reason stands where the passkey would", SKIP, async () => {
  const [phone] = SIZES;
  const [, english] = LANGUAGES;
  const who = await person(house, "insecure", ["leader"]);
  const { page, faults, close } = await openPage(browser, phone, english);
  // What a browser tells a page that came over plain http from another machine.
  await page.addInitScript(() => Object.defineProperty(window, "isSecureContext", { value: false }));
  await page.goto(await invitation(house, who.id));
  const secret = password();
  const fields = page.locator('input[type="password"]');
  await fields.nth(0).fill(secret);
  await fields.nth(1).fill(secret);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL(/\/console\/first/);
  await page.getByRole("button", { name: "Rather a passkey" }).click();
  await page.getByText("Passkeys need a secure connection").waitFor();
  assert.ok(await page.locator('button[type="submit"]').isDisabled());
  await shoot(page, "console-passkey-insecure-390-en");
  assert.deepEqual([...(await screenManners(page)), ...faults], []);
  await close();
});
