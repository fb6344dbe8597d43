// The phone app in a real browser at 390 px: enrolled, then without a line it scans by typing and by camera, takes a photograph, is
// closed and opened again; back on the line everything is merged once, beside another phone that scanned one of the boxes first.
import assert from "node:assert/strict";
import { webcrypto } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { LANGUAGES, SIZES, launch, manners, openPage, shoot, sign } from "../lib/browser.mjs";
import { accept, asAdmin, invitation, password, person } from "../lib/console.mjs";
import { startHouse } from "../lib/house.mjs";
import { film } from "../lib/qr.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
const [PHONE] = SIZES;
const [ZH] = LANGUAGES;
const EACH = 10;
const PICTURE = path.resolve(import.meta.dirname, "../../console/public/phone/icon-512.png");
/** What a browser says in its console while there is no line. */
const NO_LINE = /ERR_INTERNET_DISCONNECTED|ERR_FAILED|Failed to load resource/;

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
let [folder, base] = ["", ""];
/** @type {any} */
let [place, boxes] = [null, []];

before(async () => {
  if (SKIP.skip) return;
  house = await startHouse();
  base = `/api/v1/goods/${house.init.unit_id}`;
  place = await asAdmin(house, `${base}/places`, { code: "A", name: "一号库" });
  const item = await asAdmin(house, `${base}/items`, { code: "1060201", name: "医用防护口罩", grade: "GB 19083-2010 N95", base_unit: "只" });
  const lot = await asAdmin(house, `${base}/lots`, { key: "flood", item: item.id, unit_word: "只", quantity: 3 * EACH, source: "donation", donor: "示范医疗器械有限公司", place: place.id });
  boxes = (await asAdmin(house, `${base}/sheets`, { key: "s", kind: "box", labels: 3 })).codes;
  for (const box of boxes) await put(house.init.admin_token, `/api/v1/goods/codes/${box.id}/goods`, { lot: lot.id, quantity: EACH });
  folder = await mkdtemp(path.join(tmpdir(), "shanqiao-phone-"));
  const label = path.join(folder, "label.y4m");
  await film(label, `${house.base}/box/${boxes[1].id}`);
  browser = await launch(["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${label}`]);
});
after(async () => {
  await browser?.close();
  await house?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** @param {string} token @param {string} where @param {object} body @param {string} [method] @returns {Promise<any>} */
async function put(token, where, body, method = "PUT") {
  const answer = await fetch(house.base + where, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${where}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? null : answer.json();
}

/** Another volunteer's phone, by the protocol: scans one box as arrived and hands in at once. @param {string} code */
async function anotherPhone(code) {
  const made = await asAdmin(house, "/api/v1/users", { name: "other-phone", kind: "person", unit: house.init.unit_id, roles: ["goods_volunteer"], token: { name: "phone" } });
  const token = made.token?.token ?? made.token;
  const { subtle } = webcrypto;
  const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const sign = async (/** @type {string} */ text) => Buffer.from(await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, Buffer.from(text))).toString("base64url");
  const point = Buffer.from(await subtle.exportKey("raw", pair.publicKey)).toString("base64url");
  const device = await put(token, `${base}/devices`, { name: "二号机", public_key: point, signature: await sign(`shanqiao-phone/${house.init.unit_id}/${point}`) }, "POST");
  const late_ms = Date.now() - 7 * 60_000;
  const record = { code, device: device.id, device_at_ms: late_ms, key: "one", kind: "arrived", place: place.id, seq: 1 };
  const told = await put(token, `${base}/queue`, { device: device.id, sent_at_ms: late_ms, records: [{ record, signature: await sign(JSON.stringify(record)) }] }, "POST");
  assert.equal(told.records[0].outcome, "taken", JSON.stringify(told));
  assert.ok(Math.abs(told.offset_ms - 7 * 60_000) < 60_000, "its clock is reckoned");
}

test("a phone scans without a line, is closed and opened again, and merges once when it is back", SKIP, async () => {
  const user = await person(house, "volunteer-a", ["goods_volunteer"]);
  const { page: first, faults, close } = await openPage(browser, PHONE, ZH);
  const context = first.context();
  await context.grantPermissions(["camera"], { origin: house.base });
  await accept(first, await invitation(house, user.id), password());

  let page = first;
  await page.goto(`${house.base}/app/`);
  await page.locator('input[name="name"]').fill("一号机");
  await page.locator('button[type="submit"]').tap();
  await page.locator("[data-kind=arrived]").waitFor();
  assert.deepEqual(await manners(page), []);
  await shoot(page, "phone-kinds-390-zh-Hans");
  // A signature is drawn with a finger, taken back by the stroke, and done again.
  await page.locator("[data-kind=distributed]").tap();
  const pad = page.locator("svg.pad");
  await sign(page, pad);
  await sign(page, pad);
  assert.equal(await pad.locator("polyline").count(), 2);
  await shoot(page, "phone-sign-390-zh-Hans");
  assert.deepEqual(await manners(page), []);
  await page.getByRole("button", { name: "撤回一笔" }).tap();
  assert.equal(await pad.locator("polyline").count(), 1);
  await page.getByRole("button", { name: "清除重签" }).tap();
  assert.equal(await pad.locator("polyline").count(), 0);
  await page.getByRole("button", { name: "返回" }).tap();
  // The worker has the app before the line goes.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await page.reload();
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);

  await context.setOffline(true);
  await page.locator("[data-kind=arrived]").tap();
  await page.locator("select").first().selectOption(place.id);
  await page.locator('input[name="code"]').fill(boxes[0].label.toLowerCase());
  await page.locator("p.good", { hasText: "医用防护口罩" }).waitFor();
  await page.locator('button[type="submit"]').tap();
  await page.locator("p.good[role=status]", { hasText: boxes[0].label }).waitFor();
  // The same label again on the same phone is told and not recorded.
  await page.locator('input[name="code"]').fill(boxes[0].label);
  await page.locator('button[type="submit"]').tap();
  await page.locator("p.warn", { hasText: "没有重复登记" }).waitFor();
  // The camera reads the second box's label; a full box is recorded where it is seen.
  await page.getByRole("button", { name: "扫码" }).tap();
  await page.locator("p.good[role=status]", { hasText: boxes[1].label }).waitFor({ timeout: 30_000 });
  await page.getByRole("button", { name: "关闭相机" }).tap();
  await shoot(page, "phone-scan-390-zh-Hans");
  assert.deepEqual(await manners(page), []);

  await page.getByRole("button", { name: "返回" }).tap();
  await page.locator("[data-kind=photo]").tap();
  await page.locator('input[name="code"]').fill(boxes[0].label);
  await page.locator('input[type="file"]').setInputFiles(PICTURE);
  await page.locator("p.mute", { hasText: "kB" }).waitFor();
  await page.locator('button[type="submit"]').tap();
  await page.locator("p.good[role=status]").waitFor();
  await page.locator('[data-waiting="3"]').waitFor();

  // Closed without a line, opened again without a line: nothing is gone.
  await page.close();
  await anotherPhone(boxes[0].id);
  page = await context.newPage();
  page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
  await page.goto(`${house.base}/app/`);
  await page.locator('[data-waiting="3"]').waitFor();
  await page.locator("[data-kind=arrived]").tap();
  await page.locator('input[name="code"]').fill(boxes[2].label);
  await page.locator('button[type="submit"]').tap();
  await page.locator('[data-waiting="4"]').waitFor();

  await context.setOffline(false);
  await page.evaluate(() => dispatchEvent(new Event("online")));
  await page.locator('[data-waiting="0"]').waitFor({ timeout: 30_000 });
  await page.locator(".tabs button").nth(1).tap();
  const rows = page.locator(".queue li");
  await rows.nth(3).waitFor();
  const states = await rows.evaluateAll((all) => all.map((one) => `${one.getAttribute("data-seq")} ${one.getAttribute("data-state")}`).sort());
  assert.deepEqual(states, ["1 known", "2 taken", "3 taken", "4 taken"], "the other phone had the first box");
  await page.locator(".queue").getByText("二号机").waitFor();
  assert.deepEqual(await manners(page), []);
  await shoot(page, "phone-queue-390-zh-Hans");

  const stock = await asAdmin(house, `${base}/stock`);
  assert.deepEqual(stock.map((/** @type {any} */ one) => [one.state, one.quantity]), [["arrived", 3 * EACH]], "each box once");
  const devices = await asAdmin(house, `${base}/devices`);
  assert.ok(devices.every((/** @type {any} */ one) => !one.has_gaps && one.waiting === 0), JSON.stringify(devices));
  const until = Date.now() + 20_000;
  let photos = await asAdmin(house, `${base}/photos`);
  while (photos[0]?.length === null && Date.now() < until) {
    await new Promise((tick) => setTimeout(tick, 250));
    photos = await asAdmin(house, `${base}/photos`);
  }
  assert.equal(photos.length, 1);
  const bytes = Buffer.from(await (await fetch(`${house.base}/api/v1/goods/photos/${photos[0].id}`, { headers: { authorization: `Bearer ${house.init.admin_token}` } })).arrayBuffer());
  assert.deepEqual([bytes.length, bytes.subarray(0, 2).toString("hex"), bytes.includes("Exif")], [photos[0].length, "ffd8", false]);
  assert.deepEqual(faults.filter((fault) => !NO_LINE.test(fault)), []);
  await close();
});

test("the app can be installed: its manifest, its icons and its worker answer as browsers want them", SKIP, async () => {
  const page = await fetch(`${house.base}/app/`);
  assert.match(page.headers.get("permissions-policy") ?? "", /camera=\(self\)/);
  assert.doesNotMatch(page.headers.get("content-security-policy") ?? "", /unsafe/);
  const manifest = await fetch(`${house.base}/app/manifest.webmanifest`);
  assert.match(manifest.headers.get("content-type") ?? "", /manifest\+json/);
  const said = await manifest.json();
  assert.deepEqual([said.start_url, said.scope, said.display], ["/app/", "/app/", "standalone"]);
  for (const icon of said.icons) assert.equal((await fetch(house.base + icon.src)).status, 200, icon.src);
  const worker = await (await fetch(`${house.base}/app/worker.js`)).text();
  const files = JSON.parse(/const FILES = (\[[^\]]*\])/.exec(worker)?.[1] ?? "[]");
  assert.ok(files.length > 5, worker.slice(0, 400));
  for (const file of files) assert.equal((await fetch(house.base + file)).status, 200, file);
  assert.equal((await fetch(`${house.base}/app`, { redirect: "manual" })).status, 308);
});

test("a storekeeper settles in the console what a phone could not do", SKIP, async () => {
  const made = await asAdmin(house, "/api/v1/users", { name: "settles-for", kind: "person", unit: house.init.unit_id, roles: ["goods_volunteer"], token: { name: "phone" } });
  const token = made.token?.token ?? made.token;
  const { subtle } = webcrypto;
  const pair = await subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const sign = async (/** @type {string} */ text) => Buffer.from(await subtle.sign({ name: "ECDSA", hash: "SHA-256" }, pair.privateKey, Buffer.from(text))).toString("base64url");
  const point = Buffer.from(await subtle.exportKey("raw", pair.publicKey)).toString("base64url");
  const device = await put(token, `${base}/devices`, { name: "三号机", public_key: point, signature: await sign(`shanqiao-phone/${house.init.unit_id}/${point}`) }, "POST");
  // Nobody has looked at it yet, so it cannot be stocked.
  const record = { code: boxes[2].id, device: device.id, device_at_ms: Date.now(), key: "early", kind: "stocked", place: place.id, seq: 1 };
  const told = await put(token, `${base}/queue`, { device: device.id, sent_at_ms: Date.now(), records: [{ record, signature: await sign(JSON.stringify(record)) }] }, "POST");
  assert.equal(told.records[0].outcome, "refused", JSON.stringify(told));
  const user = await person(house, "settles", ["storekeeper"]);
  const { page, faults, close } = await openPage(browser, PHONE, ZH);
  await accept(page, await invitation(house, user.id), password());
  await page.goto(`${house.base}/console/phones`);
  await page.locator("tbody tr.ant-table-row", { hasText: "三号机" }).tap();
  await page.locator(".panel").getByText("没有做任何改动").first().waitFor();
  await page.locator(".panel .ant-segmented-item").nth(1).tap();
  await page.locator(".panel form input").first().fill("已当面核对，稍后再入库");
  await page.locator(".panel form button[type=submit]").tap();
  await page.locator(".empty").waitFor();
  const settled = await asAdmin(house, `${base}/records?shown=settled`);
  assert.equal(settled[0].settled_words, "已当面核对，稍后再入库");
  await shoot(page, "console-phones-390-zh-Hans");
  // What a phone photographed stands beside its lot; the picture comes when it is asked for.
  await page.goto(`${house.base}/console/stock`);
  await page.locator("tbody tr.ant-table-row").first().tap();
  await page.locator('.panel [data-photos="1"] li button').first().tap();
  await page.locator('.panel [data-photos="1"] img').waitFor();
  await shoot(page, "console-lot-photos-390-zh-Hans");
  assert.deepEqual(faults, []);
  await close();
});
