// The pages' own check of the public log, templates/static/proof.js, as a browser runs it that has Ed25519 and as one that has not.
import { execFileSync } from "node:child_process";
import { createHash, createHmac, generateKeyPairSync, randomBytes, sign, webcrypto } from "node:crypto";
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

const TIME = 1_778_205_067n;
const LEAF = Buffer.of(0);

/** A proof of a log with one entry, signed by these logs, cosigned by these witnesses. */
function written(extra: Record<string, unknown>, logs: ReturnType<typeof signer>[], witnesses: ReturnType<typeof signer>[], change: { cosignature?: number } = {}) {
  const note = `example.org/log\n1\n${sha256(LEAF, canonical(extra.leaf)).toString("base64")}\n`;
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(TIME);
  const own = logs.map((log) => log.line(log.sign(note)));
  const others = witnesses.map((witness, n) => {
    const made = witness.sign(`cosignature/v1\ntime ${TIME}\n${note}`);
    return witness.line(Buffer.concat([time, n === change.cosignature ? flipped(made, 5) : made]));
  });
  return `c2sp.org/tlog-proof@v1\nextra ${Buffer.from(canonical(extra)).toString("base64")}\nindex 0\n\n${note}\n${own.join("")}${others.join("")}`;
}

/** RFC 8785 of what entries hold. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, part]) => `${JSON.stringify(name)}:${canonical(part)}`).join(",")}}`;
}

const gift = (id: string, amt = "52003") => ({ amt, day: "2026-05-08", id, t: "donation.received" });

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
function page(policy: string, refuses: Refuses, library = LIBRARY, served?: string) {
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
  let asked: (() => void) | undefined;
  const button = { addEventListener: (_: string, then: () => void) => (asked = then) };
  const kept = { "a[data-proof-file]": { href: "", hidden: true }, "a[data-proof-nameless]": { href: "", hidden: true } };
  const list = { hidden: true, querySelector: (which: string) => cell(/"(.+)"/.exec(which)?.[1] ?? "") };
  const parts: Record<string, unknown> = { "input[type=file]": input, "[data-proof-note]": note, "[data-proof-shown]": list, "button[data-proof-check]": button, ...kept };
  const place = { dataset, querySelector: (which: string) => parts[which] ?? null, addEventListener: () => undefined };
  const document = { querySelector: () => place, querySelectorAll: () => [place] };
  const fetch = async (address: string) => new Response(address.startsWith("/log/policy") ? policy : served);
  // A kept file is known by its address: its words.
  const files: Blob[] = [];
  const URL = { createObjectURL: (file: Blob) => `blob:${files.push(file) - 1}` };
  const world = { document, fetch, crypto, URL, Blob, TextEncoder, TextDecoder, atob, btoa, location: { hash: "#c2hvdw" } };
  vm.runInNewContext(readFileSync(SCRIPT, "utf8"), world, { filename: SCRIPT, importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
  const outcome = async () => {
    await expect.poll(() => dataset.outcome, { timeout: 20_000 }).toBeTruthy();
    return dataset.outcome;
  };
  const choose = (words: string) => {
    delete dataset.outcome;
    input.files = [new Blob([words])];
    chosen?.();
    return outcome();
  };
  /** Asks for the certificate's own proof, as its page does. */
  const ask = () => {
    asked?.();
    return outcome();
  };
  const file = (which: keyof typeof kept) => (kept[which].hidden ? undefined : files[Number(kept[which].href.slice(5))]?.text());
  return { choose, ask, file, note, own, shown: (name: string) => cell(name).textContent, amount: () => cell("amount").textContent };
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

describe("a policy with a group of witnesses, two of three", () => {
  const log = signer("example.org/log", 1);
  const board = ["a", "b", "c"].map((name) => signer(`${name}.example/1`, 4));
  const named = board.map((witness, n) => `witness w${n} ${witness.text}\n`).join("");
  const policy = `log ${log.text}\n${named}group board 2 w0 w1 w2\nquorum board\n`;
  const leaf = gift("g1");

  test("two are enough, and are named", async () => {
    const shown = page(policy, "nothing");
    expect(await shown.choose(written({ leaf }, [log], board.slice(0, 2)))).toBe("holds");
    expect(shown.shown("witnesses")).toBe("w0, w1");
  });

  test("one is not, nor are two lines of the same one", async () => {
    const shown = page(policy, "nothing");
    const one = board.slice(1, 2);
    expect(await shown.choose(written({ leaf }, [log], one))).toBe("witnesses");
    expect(await shown.choose(written({ leaf }, [log], [...one, ...one]))).toBe("witnesses");
    expect(await shown.choose(written({ leaf }, [log], [...one, signer("b.example/1", 4)]))).toBe("witnesses");
  });

  test("a changed cosignature fails, even where enough others hold", async () => {
    const shown = page(policy, "nothing");
    expect(await shown.choose(written({ leaf }, [log], board, { cosignature: 2 }))).toBe("signature");
    expect(await shown.choose(written({ leaf }, [log], board))).toBe("holds");
  });
});

test("while one key of the log replaces another either is enough, and a stranger’s is not", async () => {
  const [older, newer, stranger] = ["example.org/log", "example.org/log", "example.org/log"].map((name) => signer(name, 1));
  const both = page(`log ${newer?.text}\nlog ${older?.text}\nquorum none\n`, "nothing");
  const leaf = gift("g2");
  for (const logs of [[older, newer], [older], [newer]]) expect(await both.choose(written({ leaf }, logs.filter((one) => one !== undefined), []))).toBe("holds");
  expect(await both.choose(written({ leaf }, stranger ? [stranger] : [], []))).toBe("signature");
  // Who pinned the older key alone takes what both signed, and nothing after it.
  const old = page(`log ${older?.text}\nquorum none\n`, "nothing");
  expect(await old.choose(written({ leaf }, older && newer ? [older, newer] : [], []))).toBe("holds");
  expect(await old.choose(written({ leaf }, newer ? [newer] : [], []))).toBe("signature");
});

test("a gift in a bundle holds as the member it is, and as nothing else", async () => {
  const log = signer("example.org/log", 1);
  const member = gift("m3", "1314");
  const h = (of: object) => sha256(LEAF, canonical(of)).toString("base64");
  const members = ["m1", "m2", "m3", "m4", "m5"].map((id) => ({ id, h: h(id === "m3" ? member : gift(id)) }));
  const leaf = { from: "2026-05-08", id: "b1", members, sum: "209326", t: "donation.bundle", to: "2026-05-08" };
  const shown = page(`log ${log.text}\nquorum none\n`, "nothing");
  expect(await shown.choose(written({ leaf, member }, [log], []))).toBe("holds");
  expect(shown.amount()).toBe("13.14");
  const wrong: [object, string][] = [
    [{ leaf, member: { ...member, amt: "1315" } }, "inclusion"],
    [{ leaf, member: { ...member, id: "m2" } }, "inclusion"],
    [{ leaf, member: gift("m6") }, "inclusion"],
    [{ leaf }, "entry"],
  ];
  for (const [extra, why] of wrong) expect(await shown.choose(written(extra as Record<string, unknown>, [log], []))).toBe(why);
});

test("a certificate’s page keeps a proof without the name, which holds and opens nothing", async () => {
  const log = signer("example.org/log", 1);
  const r = randomBytes(32);
  const value = "测试甲";
  const id = "g4";
  const opened = createHmac("sha256", r).update(`Shanqiao.commit.v1\0donor\0${id}\0${JSON.stringify(value)}`).digest("base64");
  const leaf = { ...gift(id), c: { donor: opened } };
  const whole = written({ leaf, openings: [{ field: "donor", r: r.toString("base64"), value }] }, [log], []);
  const shown = page(`log ${log.text}\nquorum none\n`, "nothing", LIBRARY, whole);
  expect(await shown.ask()).toBe("holds");
  expect(shown.shown("donor")).toBe(value);
  expect(await shown.file("a[data-proof-file]")).toBe(whole);
  const nameless = (await shown.file("a[data-proof-nameless]")) ?? "";
  const extra = Buffer.from(/^extra (.+)$/m.exec(nameless)?.[1] ?? "", "base64").toString();
  expect(extra).not.toContain(value);
  expect(extra).not.toContain(r.toString("base64"));
  const other = page(`log ${log.text}\nquorum none\n`, "nothing", LIBRARY, nameless);
  expect(await other.ask()).toBe("holds");
  expect([other.amount(), other.shown("donor")]).toEqual(["520.03", ""]);
  expect(other.file("a[data-proof-nameless]"), "there is no name to leave out").toBeUndefined();
  // Another name under the same opening is none.
  expect(await shown.choose(written({ leaf, openings: [{ field: "donor", r: r.toString("base64"), value: "测试乙" }] }, [log], []))).toBe("opening");
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
