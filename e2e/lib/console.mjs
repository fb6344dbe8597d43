// People of the console: invited, with a password and an authenticator, each in a browser of their own.
import { createHmac, randomBytes } from "node:crypto";

const STEP_S = 30;
const DIGITS = 6;
const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 6238 with SHA-1, as authenticators do. @param {string} secret @param {number} [now_ms] */
export function totp(secret, now_ms = Date.now()) {
  let bits = "";
  for (const letter of secret.replace(/[\s=]/g, "").toUpperCase()) bits += BASE32.indexOf(letter).toString(2).padStart(5, "0");
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now_ms / 1000 / STEP_S)));
  const digest = createHmac("sha1", key).update(counter).digest();
  const at = (digest.at(-1) ?? 0) & 15;
  return String((digest.readUInt32BE(at) & 0x7fffffff) % 10 ** DIGITS).padStart(DIGITS, "0");
}

/**
 * Asks the staff interface as the first administrator.
 * @param {{base: string, init?: any}} house @param {string} path @param {object} [body]
 */
export async function asAdmin(house, path, body) {
  const answer = await fetch(house.base + path, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${house.init.admin_token}`, "content-type": "application/json", "accept-language": "en" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** Adds a person with roles in a unit. @param {{base: string, init?: any}} house @param {string} name @param {string[]} roles @param {string} unit the first one, when nothing is said */
export async function person(house, name, roles, unit = house.init.unit_id) {
  const { id } = await asAdmin(house, "/api/v1/users", { name, kind: "person", unit, roles });
  return { id, name };
}

/** The address of an invitation. @param {{base: string, init?: any}} house @param {string} user */
export async function invitation(house, user) {
  const { path } = await asAdmin(house, `/api/v1/users/${user}/invitation`, {});
  return house.base + path;
}

/** A password that any rule takes, of this run alone. */
export const password = () => `Qiao-${randomBytes(9).toString("base64url")}-7a`;

/**
 * From the invitation to the first screen; a second factor where the role asks for one.
 * @param {import("playwright-core").Page} page @param {string} address @param {string} secret the password
 * @returns {Promise<{codes: string[]}>} the recovery codes
 */
export async function accept(page, address, secret) {
  await page.goto(address);
  const fields = page.locator('input[type="password"]');
  await fields.nth(0).fill(secret);
  await fields.nth(1).fill(secret);
  await page.locator('button[type="submit"]').click();
  await page.waitForURL(/\/console\/(first|work)/);
  if (!page.url().endsWith("/first")) {
    await page.locator(".rail nav a").first().waitFor({ state: "attached" });
    return { codes: [] };
  }
  const key = await page.locator("[data-secret]").innerText();
  await page.locator('input[autocomplete="one-time-code"]').fill(totp(key));
  await page.locator('button[type="submit"]').click();
  await page.locator(".codes li").first().waitFor();
  const codes = await page.locator(".codes li").allInnerTexts();
  await page.locator('input[type="checkbox"]').check();
  await page.locator("button.ant-btn-primary").click();
  await page.waitForURL(/\/console\/work/);
  await page.locator(".rail nav a").first().waitFor({ state: "attached" });
  return { codes };
}

/** What any console screen must keep. @param {import("playwright-core").Page} page @returns {Promise<string[]>} */
export const screenManners = (page) =>
  page.evaluate(() => {
    const faults = [];
    // A phone widens its window for what does not fit, so the glass is asked, not the window.
    const over = document.documentElement.scrollWidth - Math.min(innerWidth, screen.width);
    if (over > 0) faults.push(`the screen is ${over} px wider than the window`);
    if (document.querySelectorAll("h1").length !== 1) faults.push("there is not exactly one h1");
    const text = document.body.innerText;
    const bare = text.match(/\b[a-z]+(_[a-z]+)*\.[a-z_]+(\.[a-z_]+)*\b(?!\/)/g) ?? [];
    // Codes of the server's own (parameters, facts) are shown in a code face; anything else is a word that is missing.
    const codes = [...document.querySelectorAll(".code")].map((one) => one.textContent ?? "").join(" ");
    for (const word of bare) if (!codes.includes(word)) faults.push(`“${word}” looks like a missing word`);
    if (/\{[a-z_]+\}/.test(text)) faults.push("a place in the words was not filled");
    for (const input of document.querySelectorAll("main input:not([type=hidden]):not([type=file])")) {
      const named = input.labels?.length || input.getAttribute("aria-label") || input.getAttribute("aria-labelledby") || input.closest("[aria-label]");
      if (!named && !input.closest(".ant-picker")) faults.push(`input ${input.id} has no name`);
    }
    return faults;
  });
