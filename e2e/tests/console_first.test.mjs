// The first day of a house: the first administrator comes in with an authenticator, sets up units, and the audit administrator reads the log and nothing else.
import assert from "node:assert/strict";
import { deflateSync } from "node:zlib";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, openPage, shoot } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person, screenManners, totp } from "../lib/console.mjs";
import { qiao, startHouse } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [, DESK] = SIZES;
const [ZH, EN] = LANGUAGES;
const STEP_MS = 30_000;

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

test("the first administrator: a weak password is refused, a wrong code too, and nothing opens before both are right", SKIP, async () => {
  const { page, faults, close } = await openPage(browser, DESK, ZH);
  const { path } = await qiao("user", "invite", "admin", "--data", /** @type {string} */ (house.data));
  await page.goto(house.base + path);
  const type = async (/** @type {string} */ one, /** @type {string} */ again) => {
    await page.getByLabel("新密码").fill(one);
    await page.getByLabel("再输入一次").fill(again);
    await page.locator('button[type="submit"]').click();
  };
  await type("password", "password");
  await page.locator(".ant-form-item-has-error, [role=alert]").first().waitFor();
  assert.match(page.url(), /welcome/, "a weak password leads nowhere");
  const secret = password();
  await type(secret, `${secret}x`);
  await page.getByText("两次输入的密码不一样").waitFor();
  await type(secret, secret);
  await page.waitForURL(/\/console\/first/);
  await page.goto(`${house.base}/console/gifts`);
  await page.waitForURL(/\/console\/first/);

  await page.locator(".ant-qrcode").waitFor();
  const key = await page.locator("[data-secret]").innerText();
  const right = totp(key);
  await page.getByLabel("应用显示的六位动态码").fill(right === "000000" ? "111111" : "000000");
  await page.locator('button[type="submit"]').click();
  await page.getByRole("alert").first().waitFor();
  await page.getByLabel("应用显示的六位动态码").fill(totp(key));
  await page.locator('button[type="submit"]').click();
  await page.locator(".codes li").nth(9).waitFor();
  assert.ok(await page.locator("button.ant-btn-primary").isDisabled(), "not before the codes are kept");
  await page.locator('input[type="checkbox"]').check();
  await page.locator("button.ant-btn-primary").click();
  await page.waitForURL(/\/console\/work/);

  // The authenticator alone opens the house again; the invitation is used up.
  await page.getByRole("button", { name: "退出" }).click();
  await page.waitForURL(/sign-in/);
  await page.getByLabel("用户名").fill("admin");
  await page.getByLabel("密码", { exact: true }).fill(secret);
  await page.locator('button[type="submit"]').click();
  await page.locator('input[autocomplete="one-time-code"]').fill(totp(key, Date.now() + STEP_MS));
  await page.locator('button[type="submit"]').click();
  await page.waitForURL(/\/console\/work/);
  const other = await openPage(browser, DESK, ZH);
  await other.page.goto(house.base + path);
  const fields = other.page.locator('input[type="password"]');
  await fields.nth(0).fill(secret);
  await fields.nth(1).fill(secret);
  await other.page.locator('button[type="submit"]').click();
  await other.page.getByRole("alert").first().waitFor();
  assert.deepEqual([...faults, ...other.faults], []);
  await other.close();
  await close();
});

/** A square of one colour, as a society draws its seal elsewhere. @param {number} side */
function png(side) {
  const crc = (/** @type {Buffer} */ bytes) => {
    let sum = ~0;
    for (const byte of bytes) {
      sum ^= byte;
      for (let bit = 0; bit < 8; bit += 1) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
    }
    return ~sum >>> 0;
  };
  const chunk = (/** @type {string} */ name, /** @type {Buffer} */ body) => {
    const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
    const named = Buffer.concat([Buffer.from(name), body]);
    length.writeUInt32BE(body.length);
    check.writeUInt32BE(crc(named));
    return Buffer.concat([length, named, check]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc((side + 1) * side, 0x66);
  for (let row = 0; row < side; row += 1) rows[row * (side + 1)] = 0;
  return Buffer.concat([Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]), chunk("IHDR", head), chunk("IDAT", deflateSync(rows)), chunk("IEND", Buffer.alloc(0))]);
}

test("a unit is added below another, gets its name, its telephone, its certificate and its seal, by a form each", SKIP, async () => {
  const who = await person(house, "sets-up", ["administrator"]);
  const { page, faults, close } = await openPage(browser, DESK, ZH);
  await accept(page, await invitation(house, who.id), password());
  await page.goto(`${house.base}/console/units`);
  await page.getByRole("button", { name: "新增单位" }).click();
  await page.getByLabel("全称").fill("示例区红十字会");
  await page.getByLabel("区划代码").fill("37");
  await page.getByLabel("联系方式").fill("示例路 1 号");
  await page.locator(".panel form").getByRole("button", { name: /新\s?增/ }).click();
  await page.locator(".panel form .ant-form-item-has-error, .panel form [role=alert]").first().waitFor();
  await page.getByLabel("区划代码").fill("371311");
  await page.locator(".panel form").getByRole("button", { name: /新\s?增/ }).click();
  await page.getByRole("heading", { level: 2, name: "示例区红十字会" }).waitFor();

  const panel = page.locator(".panel");
  const form = async (/** @type {RegExp} */ name, /** @type {() => Promise<void>} */ fill) => {
    await panel.locator(".acts").getByRole("button", { name }).click();
    await fill();
    await panel.locator(".acts button[type=submit]").click();
    await panel.locator(".acts form").waitFor({ state: "detached" });
  };
  await form(/改\s?名/, async () => {
    await page.getByText("已发的证书不变").waitFor();
    await page.getByLabel("全称").fill("示例新区红十字会");
    await page.getByLabel("简称").fill("示例新区");
  });
  await page.getByRole("heading", { level: 2, name: "示例新区红十字会" }).waitFor();
  await form(/改联系方式/, async () => {
    await page.getByLabel("咨询电话").fill("0539-0000000");
    await page.getByLabel("地址").fill("示例路 2 号");
  });
  await panel.getByText("0539-0000000").waitFor();
  await form(/公募资格证书/, async () => {
    await page.getByLabel("证书编号").fill("53370000TEST0001");
    await page.getByLabel("发证机关").fill("示例省民政厅");
    for (const [label, day] of [["有效期自", "2026-01-01"], ["有效期至", "2028-12-31"]]) {
      await page.getByLabel(label ?? "").fill(day ?? "");
      await page.keyboard.press("Enter");
    }
  });
  await panel.getByText(/53370000TEST0001 · 2026-01-01 – 2028-12-31/).waitFor();

  await panel.locator(".acts").getByRole("button", { name: /印\s?章/ }).click();
  const file = panel.locator('input[type="file"]');
  await file.setInputFiles({ name: "small.png", mimeType: "image/png", buffer: png(20) });
  await panel.locator(".acts button[type=submit]").click();
  await panel.locator(".ant-form-item-has-error, [role=alert]").first().waitFor();
  await file.setInputFiles({ name: "seal.png", mimeType: "image/png", buffer: png(160) });
  await panel.locator(".acts button[type=submit]").click();
  await panel.getByText("有自己的印章").waitFor();
  await shoot(page, "console-unit-whole-1440-zh-Hans");
  const found = (await asAdmin(house, "/api/v1/units")).items.find((/** @type {any} */ one) => one.short_name === "示例新区");
  const unit = await asAdmin(house, `/api/v1/units/${found.id}`);
  assert.deepEqual([unit.name, unit.short_name, unit.phone, unit.has_seal, unit.certificates.length, unit.above.length], ["示例新区红十字会", "示例新区", "0539-0000000", true, 1, 1]);
  assert.deepEqual([...(await screenManners(page)), ...faults], []);
  await close();
});

test("an audit administrator reads the log of what happened and nothing else", SKIP, async () => {
  const who = await person(house, "reads-logs", ["audit_administrator"]);
  const { page, faults, close } = await openPage(browser, DESK, EN);
  await accept(page, await invitation(house, who.id), password());
  const places = await page.locator(".rail nav a").evaluateAll((links) => links.map((link) => /** @type {HTMLAnchorElement} */ (link).pathname));
  // Units and the law's numbers are public; who holds which power belongs to the audit.
  assert.deepEqual(places, ["/console/work", "/console/units", "/console/powers", "/console/trail", "/console/parameters"]);
  for (const path of places) {
    await page.goto(house.base + path);
    await page.locator("main h1").waitFor();
    await page.waitForLoadState("networkidle");
    assert.equal(await page.locator("main button.ant-btn-primary").count(), 0, `${path} offers a change`);
  }
  await page.goto(`${house.base}/console/trail`);
  await page.locator("tbody tr.ant-table-row").first().click();
  await page.locator(".panel").getByText("What was written").waitFor();
  await shoot(page, "console-audit-1440-en");
  // A screen of others opens with the reason, and without a row.
  await page.goto(`${house.base}/console/gifts`);
  await page.locator("main [role=alert]").first().waitFor();
  assert.equal(await page.locator("tbody tr.ant-table-row").count(), 0);
  const answers = await page.evaluate(async () => {
    const { csrf } = await (await fetch("/api/v1/session")).json();
    const read = ["gifts", "users", "accounts", "refunds", "books/payouts", "jobs", "projects", "approvals"];
    const write = ["users", "parameters", "units", "gifts", "campaigns"];
    const got = await Promise.all(read.map((path) => fetch(`/api/v1/${path}`)));
    const sent = await Promise.all(write.map((path) => fetch(`/api/v1/${path}`, { method: "POST", headers: { "content-type": "application/json", "x-csrf-token": csrf }, body: "{}" })));
    return { reads: got.map((one) => one.status), writes: sent.map((one) => one.status), log: (await fetch("/api/v1/facts")).status };
  });
  assert.equal(answers.log, 200);
  assert.deepEqual(new Set(answers.reads), new Set([403]));
  // A body that is not understood may be refused before the power is asked for; nothing is ever taken.
  assert.ok(answers.writes.every((status) => status === 403 || status === 400 || status === 422), String(answers.writes));
  assert.deepEqual(faults, []);
  await close();
});
