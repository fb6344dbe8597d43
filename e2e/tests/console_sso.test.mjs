// Signing in through another house: a real OpenID Connect server, a made-up officer, and everything that must not lead in.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners } from "../lib/console.mjs";
import { qiao, startHouse } from "../lib/house.mjs";
import { CLIENT, startIdentities } from "../lib/identities.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;
const LABEL = "示范市统一身份";
const PEOPLE = { "s-lin": "林一", "s-zhou": "周二", "s-he": "何三", "s-qian": "钱四" };

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {Awaited<ReturnType<typeof startIdentities>>} */
let identities;
/** @type {import("playwright-core").Browser} */
let browser;
before(async () => {
  if (SKIP.skip) return;
  house = await startHouse({ knowsItsAddress: true });
  identities = await startIdentities({ redirects: [`${house.base}/console/sso/city`], people: PEOPLE });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await identities?.stop();
  await house?.stop();
});

/** Sets the provider without the screen. @param {object} [other] */
async function put(other = {}) {
  const way = { kind: "oidc", issuer: identities.issuer, client_id: CLIENT.id, scopes: ["profile"], levels: [] };
  const answer = await fetch(`${house.base}/api/v1/identity-providers/city`, {
    method: "PUT",
    headers: { authorization: `Bearer ${house.init.admin_token}`, "content-type": "application/json", "accept-language": "en" },
    body: JSON.stringify({ label: LABEL, way, secret: CLIENT.secret, trust: "never", is_on: true, ...other }),
  });
  return { status: answer.status, body: await answer.json() };
}

/** From the sign-in page to the provider and back as somebody. @param {import("playwright-core").Page} page @param {string} subject */
async function through(page, subject) {
  // The provider remembers who showed herself in this browser; here everybody shows herself anew.
  await page.context().clearCookies({ domain: "localhost" });
  await page.goto(`${house.base}/console/sign-in`);
  await page.locator("[data-ways] a").click();
  const back = page.waitForRequest((request) => request.url().startsWith(`${house.base}/console/sso/city?`));
  await page.locator(`[data-as="${subject}"]`).click();
  return (await back).url();
}

const inside = async (/** @type {import("playwright-core").Page} */ page) => {
  await page.waitForURL(/\/console\/work/);
  await page.locator(".rail nav a").first().waitFor({ state: "attached" });
  await page.locator("main h1").first().waitFor();
};

test("an administrator sets the provider up on its screen; one that does not answer is not kept", SKIP, async () => {
  const { page, faults, close } = await openPage(browser, DESK, ZH);
  const { path } = await qiao("user", "invite", "admin", "--data", /** @type {string} */ (house.data));
  await accept(page, house.base + path, password());
  await page.goto(`${house.base}/console/single-sign-on`);
  await page.getByText("尚无身份提供方").first().waitFor();
  await page.getByRole("button", { name: "新设提供方" }).click();
  await page.getByLabel("短名").fill("city");
  await page.getByLabel("按钮文字").fill(LABEL);
  await page.getByLabel("签发方地址（issuer）").fill("http://127.0.0.1:9");
  await page.getByLabel("客户端标识（client_id）").fill(CLIENT.id);
  await page.getByLabel("密钥", { exact: true }).fill(CLIENT.secret);
  await page.getByRole("button", { name: "保存", exact: false }).click();
  await page.getByText("设置与提供方不符").first().waitFor();
  await page.getByLabel("签发方地址（issuer）").fill(identities.issuer);
  await page.getByRole("button", { name: "保存", exact: false }).click();
  await page.locator("tbody", { hasText: LABEL }).first().waitFor();
  await page.locator("tbody", { hasText: `${house.base}/console/sso/city` }).first().waitFor();
  await page.waitForLoadState("networkidle");
  await shoot(page, "console-sso-providers-1440-zh");
  assert.doesNotMatch(await page.content(), new RegExp(CLIENT.secret), "the secret is never shown");
  assert.deepEqual([...faults, ...(await screenManners(page))], []);
  await close();
});

test("an officer whom nobody has linked is told a number; linked by it she signs in, and the way back works once", SKIP, async () => {
  assert.equal((await put()).status, 200);
  const lin = await person(house, "lin", ["fundraising_officer"]);
  const { page, faults, close } = await openPage(browser, PHONE, EN);
  await through(page, "s-lin");
  const alert = page.getByRole("alert").first();
  await alert.waitFor();
  const number = (await alert.innerText()).match(/\b[a-z2-7]{4}-[a-z2-7]{4}\b/)?.[0];
  assert.ok(number, "the number stands there");
  await page.waitForLoadState("networkidle");
  await shoot(page, "console-sso-not-linked-390-en");
  const found = await screenManners(page);
  assert.doesNotMatch(page.url(), /code=|state=/, "nothing of it stays in the address");
  const users = await asAdmin(house, "/api/v1/users?limit=100");
  assert.equal(users.items.filter((/** @type {{name: string}} */ user) => /林一|s-lin/.test(user.name)).length, 0, "no user was made");

  await asAdmin(house, `/api/v1/users/${lin.id}/sso/city/link`, { reference: number });
  const back = await through(page, "s-lin");
  await inside(page);
  found.push(...(await screenManners(page)));
  const me = await page.evaluate(async () => (await fetch("/api/v1/me")).json());
  assert.equal(me.name, "lin");

  // The same way back once more, in the same browser and in another.
  await page.goto(back);
  await page.getByText("This way back does not lead in").first().waitFor();
  const thief = await openPage(browser, DESK, EN);
  await thief.page.goto(back);
  await thief.page.getByText("This way back does not lead in").first().waitFor();
  // The used code on a way of one's own: the provider itself refuses it.
  const code = new URL(back).searchParams.get("code") ?? "";
  const begun = await thief.page.request.get(`${house.base}/api/v1/sso/city/start`, { maxRedirects: 0 });
  assert.equal(begun.status(), 302);
  const state = new URL(begun.headers().location ?? "").searchParams.get("state") ?? "";
  await thief.page.goto(`${house.base}/console/sso/city?${new URLSearchParams({ code, state })}`);
  await thief.page.getByText("The other side does not vouch for you").first().waitFor();
  // A state that nobody gave.
  await thief.page.goto(`${house.base}/console/sso/city?${new URLSearchParams({ code, state: "0".repeat(64) })}`);
  await thief.page.getByText("This way back does not lead in").first().waitFor();
  const stranger = await thief.page.evaluate(async () => (await fetch("/api/v1/me")).status);
  assert.equal(stranger, 401, "nobody came in");
  assert.deepEqual([...found, ...faults], []);
  await Promise.all([close(), thief.close()]);
});

test("one links one’s own account while signed in, and ends it again; who cancels is told so", SKIP, async () => {
  assert.equal((await put()).status, 200);
  const zhou = await person(house, "zhou", ["fundraising_officer"]);
  const desk = await openPage(browser, DESK, ZH);
  await accept(desk.page, await invitation(house, zhou.id), password());
  await desk.page.goto(`${house.base}/console/account`);
  const line = desk.page.locator('[data-provider="city"]');
  await line.getByRole("button", { name: /关\s*联/ }).click();
  await desk.page.locator('[data-as="s-zhou"]').click();
  await desk.page.waitForURL(/\/console\/sso\/city/);
  await desk.page.getByText("已关联").first().waitFor();
  await desk.page.locator('a[href$="/console/account"]').first().click();
  await line.getByText("对方显示为 周二").waitFor();
  await desk.page.waitForLoadState("networkidle");
  await shoot(desk.page, "console-sso-account-1440-zh");
  const found = await screenManners(desk.page);

  const phone = await openPage(browser, PHONE, ZH);
  await phone.page.goto(`${house.base}/console/sign-in`);
  await phone.page.locator("[data-ways] a").waitFor();
  await shoot(phone.page, "console-sso-door-390-zh");
  found.push(...(await screenManners(phone.page)));
  await phone.page.locator("[data-ways] a").click();
  await phone.page.locator("[data-cancel]").click();
  await phone.page.getByText("已在对方页面取消").first().waitFor();
  await through(phone.page, "s-zhou");
  await inside(phone.page);

  await line.getByRole("button", { name: "解除关联" }).click();
  await desk.page.locator(".ant-popconfirm").getByRole("button", { name: "解除关联" }).click();
  await line.getByText("未关联").waitFor();
  const gone = await phone.page.evaluate(async () => (await fetch("/api/v1/me")).status);
  assert.equal(gone, 401, "the session that began with it is over");
  const kept = await desk.page.evaluate(async () => (await fetch("/api/v1/me")).status);
  assert.equal(kept, 200);
  assert.deepEqual([...found, ...desk.faults, ...phone.faults], []);
  await Promise.all([desk.close(), phone.close()]);
});

test("who has a second factor here shows it after the provider", SKIP, async () => {
  assert.equal((await put()).status, 200);
  const he = await person(house, "he", ["leader"]);
  const first = await openPage(browser, DESK, ZH);
  const { codes } = await accept(first.page, await invitation(house, he.id), password());
  await first.close();
  await asAdmin(house, `/api/v1/users/${he.id}/sso/city/link`, { subject: "s-he" });
  const { page, faults, close } = await openPage(browser, PHONE, ZH);
  await through(page, "s-he");
  const field = page.locator('input[autocomplete="one-time-code"]');
  await field.fill("000000");
  await page.locator('button[type="submit"]').click();
  await page.getByRole("alert").first().waitFor();
  await field.fill(codes[0] ?? "");
  await page.waitForLoadState("networkidle");
  await shoot(page, "console-sso-code-390-zh");
  const found = await screenManners(page);
  await page.locator('button[type="submit"]').click();
  await inside(page);
  assert.deepEqual([...found, ...faults], []);
  await close();
});

test("switched off, the provider lets nobody in, its sessions end, and passwords stay", SKIP, async () => {
  assert.equal((await put()).status, 200);
  const qian = await person(house, "qian", ["fundraising_officer"]);
  await asAdmin(house, `/api/v1/users/${qian.id}/sso/city/link`, { subject: "s-qian" });
  const { page, faults, close } = await openPage(browser, DESK, EN);
  await through(page, "s-qian");
  await inside(page);
  const wrong = await put({ secret: CLIENT.secret, way: { kind: "oidc", issuer: `${identities.issuer}/elsewhere`, client_id: CLIENT.id, scopes: [], levels: [] } });
  assert.equal(wrong.status, 422, "what is no provider is not kept");
  assert.equal((await put({ is_on: false })).status, 200);
  const status = await page.evaluate(async () => (await fetch("/api/v1/me")).status);
  assert.equal(status, 401);
  await page.goto(`${house.base}/api/v1/sso/city/start`);
  await page.waitForURL(/\/console\/sign-in/);
  await page.getByText("This way to sign in is switched off").first().waitFor();
  assert.equal(await page.locator("[data-ways] a").count(), 0);
  await page.locator('input[autocomplete="username"]').waitFor();
  await shoot(page, "console-sso-off-1440-en");
  assert.deepEqual([...faults, ...(await screenManners(page)), ...identities.faults], []);
  await close();
});
