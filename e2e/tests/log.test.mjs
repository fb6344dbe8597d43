// The public log in the browser: its page, an entry, and a certificate that proves itself, also with the network cut.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { LANGUAGES, SIZES, launch, manners, openPage, shoot } from "../lib/browser.mjs";
import { BINARY, notify, startHouse } from "../lib/house.mjs";

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
/** @type {import("playwright-core").Browser} */
let browser;
/** @type {string} */
let folder;
const DAY = "2026-05-08";
const own = { skip: process.env.E2E_BASE ? "needs a house of its own" : false };

const published = async () => Number((await (await fetch(`${house.base}/log/checkpoint`)).text()).split("\n")[1]);

before(async () => {
  house = await startHouse();
  browser = await launch();
  folder = await mkdtemp(path.join(tmpdir(), "shanqiao-log-"));
  if (!house.own) return;
  // Six of one project and day: enough to stand in the log one by one.
  for (let n = 0; n < 6; n += 1) {
    const notice = { trade_no: `LOG20260508000000000000${n}`, amount_fen: 52_000 + n, paid_at: "2026-05-08T02:31:07Z" };
    assert.equal((await notify(house, notice)).status, 200);
  }
  const until = Date.now() + 60_000;
  while ((await published()) < 400) {
    assert.ok(Date.now() < until, "the log is published");
    await new Promise((tick) => setTimeout(tick, 200));
  }
});
after(async () => {
  await browser?.close();
  await house?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

for (const size of SIZES) {
  for (const language of LANGUAGES) {
    test(`the pages of the log keep their manners at ${size.name} px in ${language.tag}`, own, async () => {
      const { page, faults, close } = await openPage(browser, size, language);
      const trail = `/c/${house.day.campaign}/log`;
      for (const [name, address] of [["log", "/log"], ["log-entry", "/log/entry/3"], ["log-trail", trail]]) {
        assert.equal((await page.goto(house.base + address))?.status(), 200, address);
        assert.deepEqual(await manners(page), [], `${address} at ${size.name}`);
        await shoot(page, `${name}-${size.name}-${language.tag}`);
      }
      assert.deepEqual(faults, []);
      await close();
    });
  }
}

test("a campaign leads to its entries, page by page, and each to the entry", own, async () => {
  const { page, faults, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  await page.goto(`${house.base}/c/${house.day.campaign}`);
  await page.click(`a[href="/c/${house.day.campaign}/log"]`);
  // The list follows the log by some seconds.
  const until = Date.now() + 30_000;
  while ((await page.locator(".latest li").count()) < 50) {
    assert.ok(Date.now() < until, "the entries are listed");
    await new Promise((tick) => setTimeout(tick, 500));
    await page.reload();
  }
  const first = await page.locator(".latest a.who").first().getAttribute("href");
  await page.click(".latest .actions a");
  assert.match(page.url(), /\?before=\d+$/);
  assert.equal(await page.locator(".latest li").count(), 50);
  assert.notEqual(await page.locator(".latest a.who").first().getAttribute("href"), first);
  await page.locator(".latest a.who").first().click();
  assert.match(page.url(), /\/log\/entry\/\d+$/);
  const text = (await page.textContent("pre.command")) ?? "";
  await page.click('a[href^="/p/"][href$="/log"]');
  assert.ok(text.includes(new URL(page.url()).pathname.split("/")[2]), "the entry's own project");
  assert.deepEqual(faults, []);
  await close();
});

test("entries that are not there, and odd addresses, are not found", own, async () => {
  for (const address of ["/log/entry/99999999", "/log/entry/-1", "/log/entry/x", "/log/tile/0/x", "/v/aaaaaaaaaaaaaaaaaaaaaaaaaa/proof"]) {
    assert.equal((await fetch(house.base + address)).status, 404, address);
  }
});

/** Opens the certificate of a gift by looking it up, as its donor does. @param {import("playwright-core").Page} page */
async function openCertificate(page) {
  await page.goto(`${house.base}/lookup`);
  await page.fill("#number", "LOG202605080000000000003");
  await page.fill("#amount", "520.03");
  await page.fill("#day", DAY);
  await page.click("button[type=submit]");
  await page.click(".gift a.button");
  await page.waitForSelector("[data-name-text]:not([hidden])");
}

/** Takes Ed25519 away from a page's WebCrypto, as in many browsers of chat apps. @param {import("playwright-core").Page} page */
const withoutEd25519 = (page) =>
  page.addInitScript(() => {
    // about:blank, before the first address, has no WebCrypto at all.
    if (!globalThis.SubtleCrypto) return;
    for (const call of /** @type {const} */ (["importKey", "generateKey", "verify"])) {
      const whole = /** @type {(...words: unknown[]) => Promise<unknown>} */ (SubtleCrypto.prototype[call]);
      /** @this {SubtleCrypto} @param {unknown[]} words */
      const less = function (...words) {
        const isLacked = words.some((word) => word === "Ed25519" || (word instanceof Object && "name" in word && word.name === "Ed25519"));
        return isLacked ? Promise.reject(new DOMException("Algorithm: Unrecognized name", "NotSupportedError")) : whole.apply(this, words);
      };
      Object.defineProperty(SubtleCrypto.prototype, call, { value: less });
    }
  });

/** @param {"browser" | "library"} by what can check Ed25519 there */
async function provesItself(by) {
  const { page, faults, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  if (by === "library") await withoutEd25519(page);
  /** @type {string[]} */
  const loaded = [];
  page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
  await openCertificate(page);
  const address = page.url();
  const without = await fetch(address.replace(/#.*/, "") + "/proof");
  assert.equal(without.status, 403, "only for who holds the key");
  await page.click("details.proof summary");
  await page.click("[data-proof-check]");
  await page.waitForSelector('[data-proof][data-outcome="holds"]', { timeout: 20_000 });
  const shown = (/** @type {string} */ name) => page.textContent(`[data-shown="${name}"]`);
  assert.equal(await shown("amount"), "520.03");
  assert.equal(await shown("day"), DAY);
  assert.match((await shown("place")) ?? "", /^\d+ \/ \d+$/);
  await shoot(page, `certificate-proved-${by}-390-zh-Hans`);
  const [download] = await Promise.all([page.waitForEvent("download"), page.click("[data-proof-file]")]);
  const file = path.join(folder, `${by}.tlog-proof`);
  await download.saveAs(file);
  const [less] = await Promise.all([page.waitForEvent("download"), page.click("[data-proof-nameless]")]);
  const nameless = path.join(folder, `${by}-nameless.tlog-proof`);
  await less.saveAs(nameless);

  await page.goto(`${house.base}/log`);
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  const outcome = async (/** @type {string} */ name) => {
    await page.evaluate(() => document.querySelector("[data-proof]")?.removeAttribute("data-outcome"));
    await page.setInputFiles("#proof", name);
    await page.waitForFunction(() => document.querySelector("[data-proof]")?.getAttribute("data-outcome"));
    return page.getAttribute("[data-proof]", "data-outcome");
  };
  assert.equal(await outcome(nameless), "holds");
  assert.equal(await shown("amount"), "520.03");
  assert.deepEqual(JSON.parse(Buffer.from((await readFile(nameless, "utf8")).split("\n")[1].slice(6), "base64").toString("utf8")).openings, []);
  assert.equal(await outcome(file), "holds");
  assert.equal(await shown("amount"), "520.03");
  await shoot(page, `log-proved-${by}-390-zh-Hans`);
  // Any byte of amount, day, name, proof or checkpoint.
  const words = await readFile(file, "utf8");
  const lines = words.split("\n");
  const extra = Buffer.from(lines[1].slice(6), "base64").toString("utf8");
  const name = JSON.parse(extra).openings[0].value;
  /** @type {string[]} */
  const changed = [["52003", "52004"], [DAY, "2026-05-09"], [name, `${name.slice(0, -1)}乙`]].map(([old, now]) => {
    assert.ok(extra.includes(old), old);
    return [lines[0], `extra ${Buffer.from(extra.replace(old, now)).toString("base64")}`, ...lines.slice(2)].join("\n");
  });
  for (const at of lines.keys()) {
    if (at === 1 || !lines[at]) continue;
    const line = lines[at];
    const half = Math.floor(line.length / 2);
    changed.push([...lines.slice(0, at), line.slice(0, half) + (line[half] === "A" ? "B" : "A") + line.slice(half + 1), ...lines.slice(at + 1)].join("\n"));
  }
  for (const [n, text] of changed.entries()) {
    const other = path.join(folder, `${by}-${n}.tlog-proof`);
    await writeFile(other, text);
    const came = await outcome(other);
    assert.ok(came !== "holds" && came !== "unable", `change ${n}: ${came}`);
  }
  // A bit of the log's own signature, the rest as it was: only who checks Ed25519 can tell.
  const at = lines.findIndex((line) => line.startsWith("— "));
  const [dash, signer, signature] = lines[at].split(" ");
  const bits = Buffer.from(signature, "base64");
  bits[40] ^= 1;
  const forged = path.join(folder, `${by}-forged.tlog-proof`);
  await writeFile(forged, [...lines.slice(0, at), `${dash} ${signer} ${bits.toString("base64")}`, ...lines.slice(at + 1)].join("\n"));
  assert.equal(await outcome(forged), "signature");
  assert.equal(await outcome(file), "holds");
  const brought = loaded.some((address) => /^\/static\/ed25519\.[0-9a-f]{12}\.js$/.test(address));
  assert.equal(brought, by === "library", "the library comes only where it is needed");
  assert.deepEqual(faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED/.test(fault)), []);
  await close();
}

test("a certificate proves itself in the browser, and its file with the network cut", own, () => provesItself("browser"));

test("so it does in a browser that lacks Ed25519, by the library that the page brings", own, () => provesItself("library"));

test("a PDF carries its proof: for other programs, for qiao, for the page; and not when a byte of it is changed", own, async () => {
  const { page, faults, close } = await openPage(browser, SIZES[0], LANGUAGES[0]);
  await openCertificate(page);
  const link = page.locator('a[data-paper$="/proof.pdf"]');
  await link.waitFor({ state: "visible" });
  const address = (await link.getAttribute("href")) ?? "";
  assert.equal((await fetch(house.base + address.replace(/\?.*/, ""))).status, 403, "only for who holds the key");
  const answer = await fetch(house.base + address);
  assert.equal(answer.headers.get("content-type"), "application/pdf");
  const pdf = Buffer.from(await answer.arrayBuffer());
  const plain = Buffer.from(await (await fetch(house.base + address.replace("/proof.pdf", "/certificate/pdf"))).arrayBuffer());
  assert.ok(pdf.subarray(0, plain.length).equals(plain), "the paper's own bytes stand at its beginning");
  const file = path.join(folder, "with-proof.pdf");
  await writeFile(file, pdf);
  const run = promisify(execFile);
  assert.match((await run("pdfdetach", ["-list", file])).stdout, /1: [a-z2-7]{26}\.tlog-proof/);
  const vkey = (await (await fetch(`${house.base}/log/vkey`)).text()).trim();
  const said = JSON.parse((await run(BINARY, ["verify", "certificate", file, "--vkey", vkey, "--json"])).stdout);
  assert.equal(said.shown.amount_fen, 52_003);
  const at = pdf.lastIndexOf("extra ") + 40;
  const changed = Buffer.from(pdf);
  changed[at] = changed[at] === 65 ? 66 : 65;
  const other = path.join(folder, "changed.pdf");
  await writeFile(other, changed);
  const bare = path.join(folder, "bare.pdf");
  await writeFile(bare, plain);
  for (const refused of [other, bare]) {
    await assert.rejects(run(BINARY, ["verify", "certificate", refused, "--vkey", vkey, "--json"]));
  }
  await page.goto(`${house.base}/log`);
  await page.waitForLoadState("networkidle");
  await page.context().setOffline(true);
  for (const [name, outcome] of /** @type {const} */ ([[file, "holds"], [other, "fails"], [bare, "fails"]])) {
    await page.evaluate(() => document.querySelector("[data-proof]")?.removeAttribute("data-outcome"));
    await page.setInputFiles("#proof", name);
    await page.waitForFunction(() => document.querySelector("[data-proof]")?.getAttribute("data-outcome"));
    const came = await page.getAttribute("[data-proof]", "data-outcome");
    assert.equal(came === "holds", outcome === "holds", `${name}: ${came}`);
  }
  assert.deepEqual(faults.filter((fault) => !/ERR_INTERNET_DISCONNECTED/.test(fault)), []);
  await close();
});
