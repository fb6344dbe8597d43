// The wall screen against the real server: it moves while gifts come in, says at once when its figures are old, and comes back
// by itself; both promised screens hold every scene, other windows can be read; it asks nothing that is not public.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { launch, shoot } from "../lib/browser.mjs";
import { BINARY, UNIT, freePort, notify, qiao } from "../lib/house.mjs";

const SKIP = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };
/** Where the page stands; `/console/wall.html` is the same file. */
const PAGE = process.env.WALL_PAGE ?? "/wall";
const WAIT_MS_MAX = 30_000;
/** No longer than this may the figures of a dead server pass for live. */
const STALE_MS_MAX = 12_000;
const STAGES = [
  { name: "1080", width: 1920, height: 1080, factor: 1 },
  { name: "2160", width: 3840, height: 2160, factor: 2 },
];
/** The smallest text that is read from eight metres, at 1080 lines (design/look.md). */
const TEXT_PX_MIN = 22;

/** @type {{base: string, port: number, data: string, init: any}} */
let house;
/** @type {import("node:child_process").ChildProcess} */
let server;
/** @type {import("playwright-core").Browser} */
let browser;
let [folder, campaign, token] = ["", "", ""];

/** Asks until it is so; says how long it took. @param {() => Promise<boolean>} so @param {string} what @param {number} [ms_max] */
async function until(so, what, ms_max = WAIT_MS_MAX) {
  const began = Date.now();
  while (!(await so())) {
    if (Date.now() - began > ms_max) throw new Error(`${what}: not within ${ms_max} ms`);
    await new Promise((tick) => setTimeout(tick, 150));
  }
  return Date.now() - began;
}

async function serve() {
  server = spawn(BINARY, ["serve", "--data", house.data, "--listen", `127.0.0.1:${house.port}`], { stdio: ["ignore", "ignore", "inherit"] });
  await until(() => fetch(`${house.base}/ready`).then((r) => r.ok, () => false), "the server is ready", 60_000);
}

/** As a power cut does it. */
async function kill() {
  const gone = new Promise((ended) => server.once("exit", ended));
  server.kill("SIGKILL");
  await gone;
}

/** @param {string} at @param {object} [body] @param {string} [method] @returns {Promise<any>} */
async function staff(at, body, method = "POST") {
  const answer = await fetch(house.base + at, { method, headers: { authorization: `Bearer ${token}`, "content-type": "application/json" }, body: JSON.stringify(body ?? {}) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${at}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

let gifts = 0;
/** @param {number} amount_fen */
async function give(amount_fen) {
  gifts += 1;
  const answer = await notify(house, { trade_no: `wall-${gifts}`, amount_fen, paid_at: new Date().toISOString(), project: "aed", payer: { name: "王小明" } });
  assert.equal(answer.status, 200, await answer.text());
}

const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Asia/Shanghai" }).format(new Date());

before(async () => {
  if (SKIP.skip) return;
  folder = await mkdtemp(path.join(tmpdir(), "shanqiao-wall-"));
  const [data, port] = [path.join(folder, "data"), await freePort()];
  const init = await qiao("init", "--data", data, "--unit", UNIT, "--region", "371300", "--log-fewest", "1");
  const day = await qiao("simulate", "giving-day", "--data", data, "--gifts", "400", "--sum-yuan", "12000", "--seed", "7", "--day", today());
  campaign = day.campaign;
  house = { base: `http://127.0.0.1:${port}`, port, data, init };
  token = init.admin_token;
  await qiao("boards", "show", "--data", data, campaign, "county", "project", "team");
  const [rule, paper] = [path.join(folder, "rule.json"), path.join(folder, "agreement.txt")];
  const span = { from: new Date(Date.now() - 86_400_000).toISOString(), to: new Date(Date.now() + 86_400_000).toISOString() };
  await writeFile(rule, JSON.stringify({ window: { spans: [span] }, kind: { kind: "ratio", permille: 1000 }, caps: { gift_fen: 10_000 }, on_refund: "to_pool" }));
  await writeFile(paper, "an agreement made up for the tests");
  await qiao("match", "set-up", "--data", data, "--pool", "wall", "--sponsor", "示范企业", "--locked-yuan", "50000", "--rule", rule, "--agreement", paper, "--open");
  await serve();
  const { items: units } = await (await fetch(`${house.base}/api/v1/units?limit=500`)).json();
  const county = units.find((/** @type {any} */ one) => one.region_code === "371302");
  for (const [at, name] of ["兰山街道", "银雀山街道", "金雀山街道"].entries()) {
    await staff("/api/v1/units", { parent: county.id, name: `${name}红十字会`, short_name: name, region_code: `37130200${at + 1}`, books: "above" });
  }
  await staff("/api/v1/giving-sources", { unit: county.id, csv: "kind,name\nvillage,示例村\nvillage,样板村\nshop,示例商店\nfirm,示范企业\n" });
  await goods();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  server?.kill("SIGKILL");
  if (folder) await rm(folder, { recursive: true, force: true });
});

/** One delivery at the door. */
async function goods() {
  const base = `/api/v1/goods/${house.init.unit_id}`;
  const place = await staff(`${base}/places`, { code: "A", name: "一号库" });
  const item = await staff(`${base}/items`, { code: "1060201", name: "医用防护口罩", grade: "GB 19083-2010 N95", base_unit: "只", units: { 箱: 480 } });
  const lot = await staff(`${base}/lots`, { key: "box", item: item.id, unit_word: "箱", quantity: 40, source: "donation", donor: "示范医疗器械有限公司", place: place.id });
  await staff(`/api/v1/goods/lots/${lot.id}/moves`, { key: "box/arrive", step: "arrive", place: place.id, quantity: 40 });
}

/**
 * A wall of its own: its storage, its size, and what it asked and what went wrong.
 * @param {string} query @param {{width: number, height: number}} [viewport]
 */
async function wall(query, viewport = STAGES[0]) {
  const context = await browser.newContext({ viewport: { width: viewport?.width ?? 1920, height: viewport?.height ?? 1080 }, locale: "zh-CN" });
  const page = await context.newPage();
  /** @type {string[]} */
  const [faults, asked] = [[], []];
  page.on("pageerror", (error) => faults.push(error.message));
  page.on("response", (answer) => asked.push(`${answer.status()} ${new URL(answer.url()).pathname}`));
  await page.goto(`${house.base}${PAGE}?${query}`);
  await page.waitForSelector(".wall");
  const state = () => page.getAttribute(".wall", "data-state");
  const isLive = () => until(async () => (await state()) === "live", "the wall is live");
  /** Whatever it shows is live, or it says that there is nothing to show. */
  const settled = () => until(async () => ["live", "missing"].includes((await state()) ?? ""), "the wall has what there is");
  return { page, context, faults, asked, state, isLive, settled, close: () => context.close() };
}

/** A sum as it is read: fen. @param {string | null} text */
const fen = (text) => Number((text ?? "").replace(/[^\d]/g, ""));

test("it moves while gifts come in, and shows the very sum of the books", SKIP, async () => {
  const { page, faults, isLive, close } = await wall("play=now:3600&lang=zh");
  await isLive();
  const sum = async () => fen(await page.textContent(".hero .money"));
  const before_ = await sum();
  for (let n = 0; n < 5; n += 1) await give(12_345);
  await until(async () => (await sum()) === before_ + 5 * 12_345, "the number moved by what was given");
  await until(async () => (await page.innerText(".latest")).includes("王**"), "the newest gift stands in the list, masked");
  assert.ok(!(await page.innerText("body")).includes("王小明"), "no whole name is on the wall");
  const inBooks = async () => {
    const { units } = await (await fetch(`${house.base}/api/v1/log/books`)).json();
    return units.reduce((/** @type {number} */ all, /** @type {any} */ one) => all + one.told.given_fen + one.waiting.given_fen, 0);
  };
  // A giving day that runs beside the server, twenty gifts a second.
  const between = await sum();
  /** @type {Set<number>} */
  const seen = new Set();
  let runs = true;
  const day = qiao("simulate", "giving-day", "--data", house.data, "--gifts", "60", "--sum-yuan", "1800", "--seed", "9", "--per-second", "20", "--day", today())
    .finally(() => { runs = false; });
  while (runs) {
    seen.add(await sum());
    await page.waitForTimeout(200);
  }
  assert.equal((await day).gifts_new, 60);
  await until(async () => (await sum()) === between + 180_000, "the wall ends where the simulated day ends");
  assert.ok(seen.size >= 3, `the number moved while gifts came in, not once at the end: ${[...seen]}`);
  const shown = await sum();
  // The books are read anew every five seconds.
  await until(async () => (await inBooks()) === shown, "the wall shows what the books hold");
  assert.match(await page.innerText(".foot"), /数字截至 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
  await until(async () => /公开账本第 [\d,]+ 条，树根 \S{8}/.test(await page.innerText(".foot")), "the foot names the log's position");
  assert.deepEqual(faults, []);
  await close();
});

test("a dead server makes its figures old within seconds, and a new start makes them live, untouched by hand", SKIP, async () => {
  const { page, isLive, state, close } = await wall("play=now:3600&lang=zh");
  await isLive();
  await page.evaluate(() => { document.body.dataset.mine = "same page"; });
  const sum = fen(await page.textContent(".hero .money"));
  const place = () => page.evaluate(() => ["head", "foot", "line"].map((name) => JSON.stringify(document.querySelector(`.${name}`)?.getBoundingClientRect())).join());
  const where = await place();
  await kill();
  const took = await until(async () => (await state()) === "old", "the figures are called old", STALE_MS_MAX);
  console.log(`called old after ${took} ms`);
  assert.equal(await page.innerText(".pill"), "旧数据");
  assert.match(await page.innerText(".line"), /失去联系 .*停在 \d{4}-\d\d-\d\d \d\d:\d\d:\d\d/);
  assert.equal(fen(await page.textContent(".hero .money")), sum, "the last figures stay");
  assert.ok(!(await page.innerText("body")).includes("实时"), "nothing says live");
  assert.equal(await place(), where, "nothing moved");
  assert.ok(await page.locator(".centre.old").count(), "old figures look old");
  await shoot(page, "wall-old-1080");
  await serve();
  const back = await until(async () => (await state()) === "live", "it is live again", WAIT_MS_MAX);
  console.log(`live again after ${back} ms`);
  await give(777);
  await until(async () => fen(await page.textContent(".hero .money")) === sum + 777, "it moves again");
  assert.equal(await page.getAttribute("body", "data-mine"), "same page", "nobody reloaded it");
  await close();
});

test("a server that hangs without a word is found out as well", SKIP, async () => {
  const { isLive, state, close } = await wall("play=now:3600&lang=zh");
  await isLive();
  server.kill("SIGSTOP");
  try {
    const took = await until(async () => (await state()) === "old", "the figures are called old", STALE_MS_MAX);
    console.log(`called old after ${took} ms of silence`);
  } finally {
    server.kill("SIGCONT");
  }
  await until(async () => (await state()) === "live", "it is live again");
  await close();
});

test("a list that nobody made shows what there is and leaves out what is empty", SKIP, async () => {
  const { page, isLive, close } = await wall("lang=zh");
  await isLive();
  /** @type {Set<string>} */
  const seen = new Set();
  await until(async () => /画面 \d \/ [67]/.test(await page.innerText(".foot")), "the list is made");
  for (let n = 0; n < 8; n += 1) {
    seen.add((await page.getAttribute(".wall", "data-scene"))?.replace(/[@:].*/, "") ?? "");
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(400);
  }
  assert.deepEqual([...seen].toSorted(), ["coverage", "goods", "map", "now", "ranks"]);
  await close();
});

test("a wall that is started again keeps its settings, and turns its pages", SKIP, async () => {
  const { page, context, isLive, close } = await wall(`play=now:5,ranks@${campaign}:5&lang=en&theme=light&pools=wall`);
  await isLive();
  await until(async () => (await page.locator(".boards h2").count()) > 0, "the second scene comes by itself");
  const said = new URL(page.url()).search;
  await page.close();
  const again = await context.newPage();
  await again.goto(`${house.base}${PAGE}`);
  await again.waitForSelector(".wall");
  assert.equal(new URL(again.url()).search, said);
  assert.equal(await again.getAttribute("html", "lang"), "en");
  assert.equal(await again.getAttribute("html", "data-theme"), "light");
  await close();
});

test("the table goes down from city to township, and what is not published is not a number", SKIP, async () => {
  const { page, isLive, close } = await wall("play=map:3600&lang=zh");
  await isLive();
  await page.locator(".drill button", { hasText: "兰山区" }).click();
  await until(async () => (await page.innerText(".drill")).includes("银雀山街道"), "the townships stand in the table");
  const township = page.locator(".drill tbody tr", { hasText: "银雀山街道" });
  assert.match(await township.innerText(), /没有公布的数字/);
  const rows = page.locator(".drill tbody tr .money");
  const parts = await rows.allInnerTexts();
  assert.equal(parts.reduce((all, text) => all + fen(text), 0), fen(await page.innerText(".drill tfoot .money")), "the rows make up the sum");
  await shoot(page, "wall-township-1080");
  await page.locator(".way button").click();
  await until(async () => (await page.innerText(".drill")).includes("罗庄区"), "and back");
  await close();
});

test("an operator's outlines are drawn where they are sound, and refused in words where they are not", SKIP, async () => {
  const { page, isLive, close } = await wall("play=map:3600&lang=zh&map_number=审图号示例");
  await isLive();
  const square = (/** @type {string} */ code, /** @type {number} */ x, /** @type {number} */ y) => ({ type: "Feature", properties: { adcode: Number(code), name: code },
    geometry: { type: "Polygon", coordinates: [[[x, y], [x + 0.3, y], [x + 0.3, y + 0.3], [x, y + 0.3], [x, y]]] } });
  const codes = ["371302", "371311", "371312", "371321", "371322", "371323", "371324", "371325", "371326", "371327", "371328", "371329"];
  const features = codes.map((code, at) => square(code, 117.5 + (at % 4) * 0.31, 34.5 + Math.floor(at / 4) * 0.31));
  const load = async (/** @type {object} */ body) => {
    const field = page.locator('input[type="file"]');
    await until(async () => {
      if (!(await field.count())) await page.keyboard.press("s");
      return (await field.count()) > 0;
    }, "the settings open");
    await field.setInputFiles({ name: "map.geojson", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(body)) });
  };
  await load({ type: "FeatureCollection", UTF8Encoding: true, features });
  await until(async () => (await page.innerText("[role=alert]")).includes("普通 GeoJSON"), "an encoded file is refused");
  await shoot(page, "wall-settings-1080");
  await page.keyboard.press("Escape");
  await page.locator('input[type="file"]').waitFor({ state: "detached" });
  await load({ type: "FeatureCollection", features });
  await until(async () => (await page.locator(".map path.area:not(.unknown)").count()) === codes.length, "every county is drawn");
  await page.keyboard.press("Escape");
  assert.match(await page.innerText("figcaption"), /审图号示例/);
  await shoot(page, "wall-outlines-1080");
  await page.reload();
  await until(async () => (await page.locator(".map path").count()) === codes.length, "the map is there after a restart");
  await close();
});

/** What a promised screen must keep. @param {import("playwright-core").Page} page @param {number} factor */
const stageManners = (page, factor) =>
  page.evaluate(([factor, text_px_min]) => {
    const faults = [];
    const [root, main] = [document.documentElement, document.querySelector("main")?.getBoundingClientRect()];
    if (root.scrollWidth > innerWidth || root.scrollHeight > innerHeight) faults.push(`larger than the screen: ${root.scrollWidth} × ${root.scrollHeight}`);
    if (document.querySelectorAll("h1").length !== 1) faults.push("there is not exactly one h1");
    if (/\{[a-z_]+\}|undefined|NaN/.test(document.body.innerText)) faults.push("a place in the words was not filled");
    for (const one of document.querySelectorAll(".wall *")) {
      const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
      const box = one.getBoundingClientRect();
      if (!own || box.width === 0) continue;
      const [style, text] = [getComputedStyle(one), one.textContent?.trim().slice(0, 24)];
      if (parseFloat(style.fontSize) < text_px_min * factor - 0.5 && !one.closest("svg")) faults.push(`“${text}” is ${style.fontSize}`);
      if (box.right > innerWidth + 1 || box.bottom > innerHeight + 1) faults.push(`“${text}” is outside the screen`);
      if (main && one.closest("main") && (box.bottom > main.bottom + 1 || box.right > main.right + 1)) faults.push(`“${text}” is cut off`);
      // A number is never shortened by dots or by an edge: neither a count nor a sum.
      const cell = one.closest("td.number, dd, .bar");
      if (cell) {
        const span = document.createRange();
        span.selectNodeContents(cell);
        const [inner, outer] = [span.getBoundingClientRect(), cell.getBoundingClientRect()];
        if (inner.right > outer.right + 1.5 || inner.left < outer.left - 1.5) faults.push(`the number “${cell.textContent}” does not fit`);
      }
      const holder = one.closest(".money");
      const frame = holder?.parentElement?.getBoundingClientRect();
      if (holder && frame && holder.getBoundingClientRect().right > frame.right + 1.5) faults.push(`the sum “${holder.textContent}” does not fit`);
    }
    return [...new Set(faults)];
  }, [factor, TEXT_PX_MIN]);

const scenes = () => [
  ["now", "now"], ["campaign", `now@${campaign}`], ["map", "map"], ["ranks", `ranks@${campaign}`], ["all", "ranks"],
  ["coverage", "coverage"], ["pools", "pools"], ["goods", "goods"], ["training", "training"],
];

for (const stage of STAGES) {
  for (const [lang, theme] of [["zh", "dark"], ["en", "light"]]) {
    test(`every scene holds at ${stage.width} × ${stage.height}, ${lang}, ${theme}`, SKIP, async () => {
      const { page, faults, settled, close } = await wall(`play=now:3600&lang=${lang}&theme=${theme}&pools=wall`, stage);
      let frame = "";
      for (const [name, scene] of scenes()) {
        await page.goto(`${house.base}${PAGE}?play=${scene}:3600&lang=${lang}&theme=${theme}&pools=wall`);
        await settled();
        await page.waitForTimeout(600);
        assert.deepEqual(await stageManners(page, stage.factor), [], `${name}`);
        const now = await page.evaluate(() => [".head", "main", ".line", ".foot"].map((one) => JSON.stringify(document.querySelector(one)?.getBoundingClientRect())).join());
        assert.equal(now, frame || now, `${name}: the frame stands where it stood`);
        frame = now;
        await shoot(page, `wall-${name}-${stage.name}-${lang}`);
      }
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test("the largest sums, the longest names and the fullest tables hold too", SKIP, async () => {
  const long = "“守望相助·情系桑梓”全市乡镇（街道）社区慈善基金联合募捐与困难家庭帮扶行动";
  const [as_of, huge] = [new Date().toISOString(), 812_345_678_901];
  const id = (/** @type {number} */ n) => `x${n}`;
  const rows = Array.from({ length: 50 }, (_, n) => ({ public_id: id(n), place: n + 1, name: long, total_fen: huge - n, gifts: 52_000_000, share_permille: 1000, progress_permille: 1000 }));
  const latest = Array.from({ length: 12 }, () => ({ who: "新疆维吾尔自治区示范集团有限公司工会委员会", amount_fen: huge, to: long, at: as_of }));
  const cards = rows.slice(0, 20).map(({ public_id, total_fen, gifts, progress_permille }) => ({ public_id, total_fen, gifts, progress_permille }));
  const units = [{ id: "root", name: long, short_name: long, level: "province", parent: null, region_code: "370000" },
    ...rows.map((row, n) => ({ id: row.public_id, name: long, short_name: "示范土家族苗族自治县", level: "city", parent: "root", region_code: `37${String(n + 10)}00` }))];
  const sums = units.map((unit) => ({ unit: unit.id, project: unit.id, gifts: 52_000_000, sum_fen: huge, refunds: { count: 1, sum_fen: 1 } }));
  const stream = (/** @type {object} */ body) => ({ contentType: "text/event-stream", body: `data: ${JSON.stringify({ as_of, log_position: 9, ...body })}\n\n` });
  const json = (/** @type {object} */ body) => ({ json: body });
  const covered = rows.flatMap((row) => ["village", "shop", "firm"].map((kind) => ({ unit: row.public_id, name: "示范土家族苗族自治县", kind, known: 123_456, gave: 98_765, sum_fen: huge })));
  const info = { id: "x0", state: "open", target_fen: huge, filing: null, plan: { title: long, starts_on: today(), ends_on: today() }, projects: rows.map((row) => ({ id: row.public_id, title: long, mother: null })) };
  const goods = { lots_today: 12_345, cleared_permille: 1000, units: Array.from({ length: 9 }, (_, n) => ({ unit_word: `立方米${n}`, arrived: 123_456_789, went: 123_456_789 })),
    came: latest.map(() => ({ at: as_of, who: long, item: long, grade: "", quantity: 123_456_789, unit_word: "立方米", targeted: 0 })),
    went: latest.map(() => ({ at: as_of, region: "示范土家族苗族自治县", number: "调拨2026-0000001", item: long, grade: "", quantity: 123_456_789, unit_word: "立方米", targeted: 0 })) };
  const pool = { code: "wall", title: long, sponsor: "新疆维吾尔自治区示范集团有限公司", state: "open", locked_fen: huge, given_fen: huge, left_fen: huge, matches: 52_000_000, rule_words: [long, long, long, long], as_of };
  const { page, faults, close } = await wall("play=now:3600&lang=zh");
  await page.route("**/events/home", (route) => route.fulfill(stream({ total_fen: huge, gifts: 52_000_000, today_fen: huge, today_gifts: 52_000_000, campaigns: cards, projects: cards, latest })));
  await page.route("**/events/x0", (route) => route.fulfill(stream({ total_fen: huge, gifts: 52_000_000, progress_permille: 1234, counties: rows, projects: rows, latest })));
  await page.route("**/events/b-x0", (route) => route.fulfill(stream({ total_fen: huge, gifts: 52_000_000, campaigns: [], counties: rows, projects: rows, teams: rows.map((row) => ({ ...row, name: null })), unplaced_fen: 0 })));
  await page.route("**/events/goods", (route) => route.fulfill(stream(goods)));
  await page.route("**/api/v1/units?*", (route) => route.fulfill(json({ items: units, next: null })));
  await page.route("**/api/v1/log/books", (route) => route.fulfill(json({ as_of, size: 9, units: [], projects: sums })));
  await page.route("**/api/v1/campaigns/*/totals", (route) => route.fulfill(json({ as_of, by_day: [{ day: today(), gifts: 52_000_000, sum_fen: huge }], units: sums })));
  await page.route(/campaigns\/x\d+$/, (route) => route.fulfill(json(info)));
  await page.route("**/api/v1/coverage", (route) => route.fulfill(json({ items: covered, next: null })));
  await page.route("**/api/v1/match/pools/*", (route) => route.fulfill(json(pool)));
  const figures = Array.from({ length: 8 }, (_, n) => ({ label: `持证救护员（累计）${n}`, value: 2_000_000 + n, unit: "人次" }));
  await page.route((url) => url.pathname === "/feed/training.json", (route) => route.fulfill(json({ as_of, source: "示范市红十字应急救护培训中心", figures })));
  for (const scene of ["now", "now@x0", "map", "ranks@x0", "coverage", "pools", "goods", "training"]) {
    for (const lang of ["zh", "en"]) {
      await page.goto(`${house.base}${PAGE}?play=${scene}:3600&lang=${lang}&pools=wall,wall2,wall3,wall4&training=/feed/training.json`);
      await page.waitForSelector(".wall h1");
      await page.waitForTimeout(900);
      await shoot(page, `wall-full-${scene.replace("@", "-")}-${lang}`);
      assert.deepEqual(await stageManners(page, 1), [], `${scene} ${lang}`);
      if (scene === "training") assert.equal(await page.getAttribute(".wall", "data-state"), "told", "another's file is not called live");
    }
  }
  assert.deepEqual(faults, []);
  await close();
});

for (const [width, height] of [[390, 844], [1440, 900]]) {
  test(`a window of ${width} px has a readable column`, SKIP, async () => {
    const { page, settled, faults, close } = await wall("play=now:3600&lang=zh&pools=wall", { width, height });
    for (const [name, scene] of scenes()) {
      await page.goto(`${house.base}${PAGE}?play=${scene}:3600&lang=zh&pools=wall`);
      await settled();
      await page.waitForTimeout(400);
      const found = await page.evaluate(() => {
        const faults = [];
        if (document.documentElement.scrollWidth > innerWidth) faults.push(`${document.documentElement.scrollWidth} px wide`);
        for (const one of document.querySelectorAll(".wall *")) {
          const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim());
          if (own && one.getBoundingClientRect().width > 0 && !one.closest("svg") && parseFloat(getComputedStyle(one).fontSize) < 14) faults.push(`“${one.textContent?.slice(0, 20)}” is too small`);
        }
        for (const one of document.querySelectorAll(".money, .big b")) {
          if (one.getBoundingClientRect().right > innerWidth + 1) faults.push(`“${one.textContent}” is cut`);
        }
        return [...new Set(faults)];
      });
      assert.deepEqual(found, [], name);
      await shoot(page, `wall-${name}-${width}-zh`);
    }
    assert.deepEqual(faults, []);
    await close();
  });
}

test("it asks only what everybody may ask, and sends no cookie", SKIP, async () => {
  const { page, context, asked, isLive, close } = await wall(`play=${scenes().map(([, scene]) => `${scene}:5`).join(",")}&lang=zh&pools=wall`);
  await isLive();
  for (let n = 0; n < 9; n += 1) {
    await page.keyboard.press("ArrowRight");
    await page.waitForTimeout(300);
  }
  const refused = asked.filter((one) => /^(401|403|5\d\d) /.test(one));
  assert.deepEqual(refused, []);
  const other = asked.filter((one) => !/ (\/console\/|\/wall|\/events\/|\/log\/checkpoint$|\/api\/v1\/(units|coverage|log\/books|campaigns\/[a-z2-7]+(\/totals)?|match\/pools\/wall)$)/.test(one));
  assert.deepEqual([...new Set(other)], []);
  assert.deepEqual(await context.cookies(), []);
  await close();
});
