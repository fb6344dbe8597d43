// The pages' own check of the public log, templates/static/proof.js, as a browser runs it that has Ed25519 and as one that has not.
import { execFileSync } from "node:child_process";
import { createHash, generateKeyPairSync, randomBytes, sign, webcrypto } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import vm from "node:vm";
import { describe, expect, test } from "vitest";

const CONSOLE = path.resolve(import.meta.dirname, "..");
const SCRIPT = path.join(CONSOLE, "../templates/static/proof.js");
const LIBRARY = pathToFileURL(path.join(CONSOLE, "../templates/static/ed25519.js")).href;
const SMALL_ORDER = Buffer.concat([Buffer.of(1), Buffer.alloc(31)]);

const sha256 = (...parts: (string | Uint8Array)[]) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

/** A key of a name, made here, and what it signs with. */
function signer(name: string, kind: 1 | 4, own?: Uint8Array) {
  const pair = generateKeyPairSync("ed25519");
  const raw = Buffer.concat([Buffer.of(kind), own ?? Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url")]);
  const id = sha256(`${name}\n`, raw).subarray(0, 4);
  const line = (rest: Uint8Array) => `— ${name} ${Buffer.concat([id, rest]).toString("base64")}\n`;
  return { text: `${name}+${id.toString("hex")}+${raw.toString("base64")}`, line, sign: (words: string) => sign(null, Buffer.from(words), pair.privateKey) };
}

/** A proof of a log with one entry, one log's key and one witness, and its policy. */
function proof() {
  const log = signer("example.org/log", 1);
  const witness = signer("example.org/witness", 4);
  const entry = JSON.stringify({ amt: "52003", day: "2026-05-08", id: randomBytes(8).toString("hex"), t: "donation.received" });
  const note = `example.org/log\n1\n${sha256(Buffer.of(0), entry).toString("base64")}\n`;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(1_778_205_067n);
  const lines = { log: log.sign(note), witness: witness.sign(`cosignature/v1\ntime 1778205067\n${note}`) };
  const policy = `log ${log.text}\nwitness w1 ${witness.text}\nquorum w1\n`;
  const written = (of: { entry?: string; note?: string; log?: Uint8Array; witness?: Uint8Array } = {}) => {
    const extra = Buffer.from(`{"leaf":${of.entry ?? entry}}`).toString("base64");
    const signatures = log.line(of.log ?? lines.log) + witness.line(Buffer.concat([time, of.witness ?? lines.witness]));
    return `c2sp.org/tlog-proof@v1\nextra ${extra}\nindex 0\n\n${of.note ?? note}\n${signatures}`;
  };
  return { entry, note, lines, policy, written };
}

type Refuses = "nothing" | "importKey" | "verify";
const NAME = (algorithm: unknown) => (typeof algorithm === "string" ? algorithm : (algorithm as { name?: string } | null)?.name);

/** WebCrypto that does not know Ed25519 in one of its calls, and counts what it checked itself. */
function browserCrypto(refuses: Refuses) {
  const own = { checked: 0 };
  const subtle = new Proxy(webcrypto.subtle, {
    get: (target, call: keyof SubtleCrypto) => (...words: unknown[]) => {
      const isEd25519 = words.some((word) => NAME(word) === "Ed25519");
      if (isEd25519 && call === refuses) return Promise.reject(new DOMException("Unrecognized name.", "NotSupportedError"));
      if (isEd25519 && call === "verify") own.checked += 1;
      return (target[call] as (...words: unknown[]) => Promise<unknown>).apply(target, words);
    },
  });
  return { own, crypto: { subtle } };
}

/** The page with the script on it: a file chosen there comes to an outcome. */
function page(policy: string, refuses: Refuses, library = LIBRARY) {
  const { own, crypto } = browserCrypto(refuses);
  const note = { className: "", textContent: "", classList: { add: () => undefined, toggle: (name: string, on: boolean) => (note.className = on ? name : "") } };
  const dataset: Record<string, string | undefined> = { proof: "", policy: "/log/policy", ed25519: library, unable: "cannot", fails: "fails", holds: "holds" };
  let chosen: (() => void) | undefined;
  const input = { files: [] as unknown[], addEventListener: (_: string, then: () => void) => (chosen = then) };
  const shown = new Map<string, { textContent: string }>();
  const cell = (name: string) => {
    const made = shown.get(name) ?? { textContent: "" };
    shown.set(name, made);
    return made;
  };
  const list = { hidden: true, querySelector: (which: string) => cell(/"(.+)"/.exec(which)?.[1] ?? "") };
  const parts: Record<string, unknown> = { "input[type=file]": input, "[data-proof-note]": note, "[data-proof-shown]": list };
  const place = { dataset, querySelector: (which: string) => parts[which] ?? null, addEventListener: () => undefined };
  const document = { querySelector: () => place, querySelectorAll: () => [place] };
  const fetch = async () => new Response(policy);
  const world = { document, fetch, crypto, TextEncoder, TextDecoder, atob, btoa, location: { hash: "" } };
  vm.runInNewContext(readFileSync(SCRIPT, "utf8"), world, { filename: SCRIPT, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
  const choose = async (words: string) => {
    delete dataset.outcome;
    input.files = [new Blob([words])];
    chosen?.();
    await expect.poll(() => dataset.outcome, { timeout: 20_000 }).toBeTruthy();
    return dataset.outcome;
  };
  return { choose, note, own, amount: () => cell("amount").textContent };
}

const flipped = (bytes: Uint8Array, at: number) => bytes.map((byte, n) => (n === at ? byte ^ 1 : byte));

describe.each<Refuses>(["nothing", "importKey", "verify"])("where WebCrypto refuses Ed25519 in: %s", (refuses) => {
  test("a true proof holds, checked by who should", { timeout: 60_000 }, async () => {
    const { policy, written } = proof();
    const shown = page(policy, refuses);
    expect(await shown.choose(written())).toBe("holds");
    expect(shown.note.textContent).toBe("holds");
    expect(shown.amount()).toBe("520.03");
    // The known signature, the log's, the witness's; or the library did it all.
    expect(shown.own.checked).toBe(refuses === "nothing" ? 3 : 0);
  });

  test("a changed one does not, and it is said why", { timeout: 60_000 }, async () => {
    const { entry, note, lines, policy, written } = proof();
    const shown = page(policy, refuses);
    const root = sha256(Buffer.of(0), entry.replace("52003", "52004")).toString("base64");
    const changed: [string, string][] = [
      [written({ log: flipped(lines.log, 0) }), "signature"],
      [written({ log: flipped(lines.log, 40) }), "signature"],
      [written({ log: lines.log.subarray(0, 63) }), "signature"],
      [written({ witness: flipped(lines.witness, 63) }), "signature"],
      [written({ note: note.replace("\n1\n", "\n2\n") }), "signature"],
      // Another entry under its own root, below the signatures of the first.
      [written({ entry: entry.replace("52003", "52004"), note: `example.org/log\n1\n${root}\n` }), "signature"],
      [written({ entry: entry.replace("52003", "52004") }), "inclusion"],
    ];
    for (const [words, why] of changed) expect(await shown.choose(words)).toBe(why);
    expect(shown.note.textContent).toBe("fails");
    expect(await shown.choose(written())).toBe("holds");
  });
});

test("a key that takes any message for its own is refused by the library", async () => {
  const { verify } = (await import(/* @vite-ignore */ LIBRARY)) as { verify: (...words: Uint8Array[]) => Promise<boolean> };
  // S = 0 and R the neutral point: the equation holds for every message under a key of order one.
  const forged = Buffer.concat([SMALL_ORDER, Buffer.alloc(32)]);
  expect(await verify(forged, Buffer.from("anything"), SMALL_ORDER)).toBe(false);
});

test("a signature in another writing is refused by the library: S with the order added", async () => {
  const { verify } = (await import(/* @vite-ignore */ LIBRARY)) as { verify: (...words: Uint8Array[]) => Promise<boolean> };
  const pair = generateKeyPairSync("ed25519");
  const key = Buffer.from(pair.publicKey.export({ format: "jwk" }).x ?? "", "base64url");
  const message = randomBytes(40);
  const made = sign(null, message, pair.privateKey);
  expect(await verify(made, message, key)).toBe(true);
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const s = BigInt(`0x${Buffer.from(made.subarray(32)).reverse().toString("hex")}`) + order;
  const other = Buffer.concat([made.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex").reverse()]);
  expect(await verify(other, message, key)).toBe(false);
});

test("without the library such a browser says that it cannot, which is no word about the proof", async () => {
  const { policy, written } = proof();
  const shown = page(policy, "importKey", `${LIBRARY}.gone`);
  expect(await shown.choose(written())).toBe("unable");
  expect(shown.note).toMatchObject({ textContent: "cannot", className: "" });
});

test("the library that is kept is what the pinned packages give", { timeout: 120_000 }, () => {
  execFileSync(process.execPath, ["scripts/ed25519.mjs", "--check"], { cwd: CONSOLE });
});
