// @ts-check
"use strict";
/*
 * Checks the proof of a certificate on the reader's own device: the file `.tlog-proof` (C2SP tlog-proof), against the
 * policy (C2SP tlog-policy), with WebCrypto; where that has no Ed25519, with a small library beside this file (ed25519.js,
 * made by console/scripts/ed25519.mjs). The same as `qiao verify certificate`; docs/transparency.md says how.
 *
 *   proof     c2sp.org/tlog-proof@v1 ⏎ extra <base64> ⏎ index <n> ⏎ <base64 hash>… ⏎ ⏎ <checkpoint with signatures>
 *   extra     JSON: leaf (the entry), member (the gift, where the entry is a bundle), openings (field, value, r)
 *   entry     its canonical JSON (RFC 8785); leaf hash SHA-256(00 ‖ entry), node hash SHA-256(01 ‖ left ‖ right)
 *   opening   HMAC-SHA256(r, "Shanqiao.commit.v1" 00 field 00 entry id 00 JSON(value)) is the commitment in the entry
 *
 * On a certificate's page the proof is fetched by the proof of the showing key (see certificate.js); on the page of the
 * log a file is chosen, and nothing is sent anywhere.
 */
(() => {
  const text = new TextEncoder();
  /** @param {Uint8Array<ArrayBuffer>[]} parts @returns {Uint8Array<ArrayBuffer>} */
  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  /** Strict base64. @param {string} words @returns {Uint8Array<ArrayBuffer>} */
  const bytes = (words) => {
    if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(words)) throw new Error("base64");
    const out = Uint8Array.from(atob(words), (c) => c.charCodeAt(0));
    if (base64(out) !== words) throw new Error("base64");
    return out;
  };
  /** @param {Uint8Array} raw @returns {string} */
  const base64 = (raw) => {
    // One by one: a bundle's entry has more bytes than a call takes arguments.
    let all = "";
    for (const byte of raw) all += String.fromCharCode(byte);
    return btoa(all);
  };
  /** @param {Uint8Array} a @param {Uint8Array} b */
  const same = (a, b) => a.length === b.length && a.every((byte, at) => byte === b[at]);
  /** @param {Uint8Array<ArrayBuffer>[]} parts */
  const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(...parts)));
  const LEAF = Uint8Array.of(0);
  const NODE = Uint8Array.of(1);
  const ZERO = Uint8Array.of(0);

  /** The one text of a value. @param {unknown} value @returns {string} */
  const canonical = (value) => {
    if (Array.isArray(value)) return "[" + value.map(canonical).join(",") + "]";
    if (typeof value === "string" || (typeof value === "number" && Number.isSafeInteger(value))) return JSON.stringify(value);
    if (typeof value !== "object" || value === null) throw new Error("entry");
    const map = /** @type {Record<string, unknown>} */ (value);
    const keys = Object.keys(map).sort();
    return "{" + keys.map((key) => JSON.stringify(key) + ":" + canonical(map[key])).join(",") + "}";
  };

  /** @typedef {{ name: string, kind: number, id: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer> }} Key */
  /** @param {string} words @returns {Promise<Key>} */
  const readKey = async (words) => {
    const [name, id, rest] = words.split("+").length < 3 ? [] : [words.split("+")[0], words.split("+")[1], words.split("+").slice(2).join("+")];
    if (!name || !id || !rest) throw new Error("key");
    const raw = bytes(rest);
    if (raw.length !== 33 || (raw[0] !== 1 && raw[0] !== 4)) throw new Error("key");
    const full = await sha256(text.encode(name + "\n"), raw);
    const known = full.slice(0, 4);
    if ([...known].map((b) => b.toString(16).padStart(2, "0")).join("") !== id) throw new Error("key");
    return { name, kind: raw[0], id: known, key: raw.slice(1) };
  };

  /** @typedef {{ text: string, lines: { name: string, id: Uint8Array<ArrayBuffer>, rest: Uint8Array<ArrayBuffer> }[] }} Note */
  /** @param {string} words @returns {Note} */
  const readNote = (words) => {
    const at = words.lastIndexOf("\n\n");
    if (at < 0 || !words.endsWith("\n")) throw new Error("note");
    const lines = words
      .slice(at + 2, -1)
      .split("\n")
      .map((line) => {
        const found = /^— ([^ +]+) ([A-Za-z0-9+/=]+)$/.exec(line);
        if (!found) throw new Error("note");
        const raw = bytes(found[2]);
        if (raw.length < 5) throw new Error("note");
        return { name: found[1], id: raw.slice(0, 4), rest: raw.slice(4) };
      });
    return { text: words.slice(0, at + 1), lines };
  };

  /** @typedef {(signature: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>) => Promise<boolean>} Verify */
  /** @type {Verify} */
  const byBrowser = async (signature, message, key) => {
    const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
  };
  /** RFC 8032, 7.1, test 1: a signature of the empty message. */
  const KNOWN = {
    key: "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
    signature: "5VZDAMNgrHKQhuLMgG6CioSHfx645dl02HPgZSJJAVVfuIIVkKM7rMYeOXAc+bRr0lv18FlbviRlUUFDjnoQCw==",
  };
  /** Asked by a signature that holds, not by the name of an error: browsers refuse in different words what they lack. */
  const browserCan = () => byBrowser(bytes(KNOWN.signature), new Uint8Array(0), bytes(KNOWN.key)).catch(() => false);
  /** Where the library lies: pages name it beside the policy. @type {string} */
  const library = /** @type {HTMLElement | null} */ (document.querySelector("[data-ed25519]"))?.dataset.ed25519 ?? "";
  /** @type {Promise<Verify> | undefined} */
  let verifying;
  /** What checks signatures here; the library is asked for once, and again at the next check if it did not come. */
  const verifier = () => {
    if (!verifying) {
      verifying = browserCan().then(async (can) => (can ? byBrowser : /** @type {Verify} */ ((await import(library)).verify)));
      verifying.catch(() => (verifying = undefined));
    }
    return verifying;
  };
  /** @param {Key} key @param {Uint8Array<ArrayBuffer>} signature @param {string} message */
  const signed = async (key, signature, message) => {
    const verify = await verifier().catch(() => {
      throw new Error("unable");
    });
    return verify(signature, text.encode(message), key.key);
  };
  /** The lines of a key; each must hold. @param {Note} note @param {Key} key @returns {Promise<boolean>} */
  const signedBy = async (note, key) => {
    let seen = false;
    for (const line of note.lines) {
      if (line.name !== key.name || !same(line.id, key.id)) continue;
      let holds = false;
      if (key.kind === 1) holds = await signed(key, line.rest, note.text);
      else if (line.rest.length === 72) {
        const time = new DataView(line.rest.buffer, line.rest.byteOffset).getBigUint64(0);
        holds = await signed(key, line.rest.slice(8), `cosignature/v1\ntime ${time}\n${note.text}`);
      }
      if (!holds) throw new Error("signature");
      seen = true;
    }
    return seen;
  };

  /** Checks a checkpoint against a policy; gives its size, root and who cosigned. @param {string} words @param {Note} note */
  const trusted = async (words, note) => {
    /** @type {Key[]} */ const logs = [];
    /** @type {Map<string, Key>} */ const witnesses = new Map();
    /** @type {Map<string, { needed: number, of: string[] }>} */ const groups = new Map();
    let quorum = "";
    for (const line of words.split("\n").map((l) => l.trim())) {
      if (!line || line.startsWith("#")) continue;
      const parts = line.split(/\s+/);
      if (parts[0] === "log") logs.push(await readKey(parts[1]));
      else if (parts[0] === "witness") witnesses.set(parts[1], await readKey(parts[2]));
      else if (parts[0] === "group") {
        const of = parts.slice(3);
        const needed = parts[2] === "any" ? 1 : parts[2] === "all" ? of.length : Number(parts[2]);
        if (!(needed >= 1 && needed <= of.length)) throw new Error("policy");
        groups.set(parts[1], { needed, of });
      } else if (parts[0] === "quorum") quorum = parts[1];
      else throw new Error("policy");
    }
    const [origin, size, root] = note.text.split("\n");
    const own = logs.filter((key) => key.name === origin);
    if (!own.length || !quorum || !/^(?:0|[1-9][0-9]{0,15})$/.test(size)) throw new Error("policy");
    // While one key replaces another both sign; after it the new one alone. One is enough, and each that signed must hold.
    let known = false;
    for (const log of own) if (await signedBy(note, log)) known = true;
    if (!known) throw new Error("signature");
    /** @type {Set<string>} */ const seen = new Set();
    for (const [name, key] of witnesses) if (await signedBy(note, key)) seen.add(name);
    /** @param {string} name @returns {boolean} */
    const enough = (name) => {
      const group = groups.get(name);
      return group ? group.of.filter(enough).length >= group.needed : seen.has(name);
    };
    if (quorum !== "none" && !enough(quorum)) throw new Error("witnesses");
    return { origin, size: Number(size), root: bytes(root), witnesses: [...seen] };
  };

  /** RFC 9162 §2.1.3.2. @param {Uint8Array<ArrayBuffer>[]} path @param {number} index @param {number} size @param {Uint8Array<ArrayBuffer>} leaf */
  const rootOf = async (path, index, size, leaf) => {
    if (index >= size) throw new Error("inclusion");
    // Sizes pass 2^31: no bit operators.
    const half = (/** @type {number} */ n) => Math.floor(n / 2);
    let [node, last, hash] = [index, size - 1, leaf];
    for (const sibling of path) {
      if (last === 0) throw new Error("inclusion");
      if (node % 2 === 1 || node === last) {
        hash = await sha256(NODE, sibling, hash);
        while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
      } else hash = await sha256(NODE, hash, sibling);
      [node, last] = [half(node), half(last)];
    }
    if (last !== 0) throw new Error("inclusion");
    return hash;
  };

  /** @typedef {{ id: string, t: string, c?: Record<string, string>, amt?: string, day?: string, members?: { id: string, h: string }[] }} Leaf */
  /**
   * What a proof shows, once everything about it holds.
   * @param {string} words the file @param {string} policy
   */
  const check = async (words, policy) => {
    const at = words.indexOf("\n\n");
    const head = words.slice(0, at).split("\n");
    if (at < 0 || head[0] !== "c2sp.org/tlog-proof@v1" || !head[1]?.startsWith("extra ")) throw new Error("proof");
    const index = /^index (0|[1-9][0-9]{0,15})$/.exec(head[2] ?? "");
    if (!index) throw new Error("proof");
    const path = head.slice(3).map(bytes);
    if (path.length > 63 || path.some((hash) => hash.length !== 32)) throw new Error("proof");
    const note = readNote(words.slice(at + 2));
    const tree = await trusted(policy, note);
    const extra = /** @type {{ leaf: Leaf, member?: Leaf, openings?: { field: string, value: string, r: string }[] }} */ (
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(head[1].slice(6))))
    );
    // A name dropped by a misspelling would be a proof that says less without saying so.
    if (Object.keys(extra).some((key) => !["leaf", "member", "openings"].includes(key))) throw new Error("proof");
    const hash = await sha256(LEAF, text.encode(canonical(extra.leaf)));
    if (!same(await rootOf(path, Number(index[1]), tree.size, hash), tree.root)) throw new Error("inclusion");
    let gift = extra.leaf;
    if (extra.member) {
      const own = base64(await sha256(LEAF, text.encode(canonical(extra.member))));
      const listed = (extra.leaf.members ?? []).some((m) => m.id === extra.member?.id && m.h === own);
      if (!listed) throw new Error("inclusion");
      gift = extra.member;
    }
    if ((gift.t !== "donation.received" && gift.t !== "match.granted") || !gift.amt || !gift.day) throw new Error("entry");
    let donor = "";
    for (const { field, value, r } of extra.openings ?? []) {
      const key = await crypto.subtle.importKey("raw", bytes(r), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
      const parts = ["Shanqiao.commit.v1", field, gift.id].flatMap((part) => [text.encode(part), ZERO]);
      const made = new Uint8Array(await crypto.subtle.sign("HMAC", key, join(...parts, text.encode(JSON.stringify(value)))));
      if (bytes(r).length !== 32 || gift.c?.[field] !== base64(made)) throw new Error("opening");
      if (field === "donor") donor = value;
    }
    return { ...tree, index: Number(index[1]), amount: gift.amt, day: gift.day, donor, bundled: Boolean(extra.member) };
  };

  /**
   * The same proof without what opens the name: it proves amount and day, and its commitment to the name stays shut.
   * @param {string} words @returns {string | undefined} nothing where it opens no name
   */
  const withoutName = (words) => {
    const lines = words.split("\n");
    if (!lines[1]?.startsWith("extra ")) return undefined;
    const extra = /** @type {{ openings?: { field: string }[] }} */ (
      JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes(lines[1].slice(6))))
    );
    const kept = (extra.openings ?? []).filter((opening) => opening.field !== "donor");
    if (kept.length === (extra.openings ?? []).length) return undefined;
    lines[1] = "extra " + base64(text.encode(canonical({ ...extra, openings: kept })));
    return lines.join("\n");
  };

  /** @param {string} fen @returns {string} yuan with two places */
  const yuan = (fen) => {
    const all = fen.padStart(3, "0");
    return all.slice(0, -2).replace(/\B(?=(\d{3})+(?!\d))/g, ",") + "." + all.slice(-2);
  };

  /** Shows what came of it. @param {HTMLElement} place @param {() => Promise<[string, string]>} load */
  const show = async (place, load) => {
    const note = /** @type {HTMLElement | null} */ (place.querySelector("[data-proof-note]"));
    const list = /** @type {HTMLElement | null} */ (place.querySelector("[data-proof-shown]"));
    const say = /** @type {Record<string, string | undefined>} */ ({ ...place.dataset });
    if (!note || !list) return;
    list.hidden = true;
    note.className = "sub";
    if (!globalThis.crypto?.subtle) return void (note.textContent = say.insecure ?? "");
    note.textContent = say.working ?? "";
    try {
      const shown = await check(...(await load()));
      const values = {
        amount: yuan(shown.amount),
        day: shown.day,
        donor: shown.donor || say.hidden || "",
        place: `${shown.index + 1} / ${shown.size}`,
        witnesses: shown.witnesses.join(", ") || say.nobody || "",
      };
      for (const [name, value] of Object.entries(values)) {
        const cell = list.querySelector(`[data-shown="${name}"]`);
        if (cell) cell.textContent = value;
      }
      note.textContent = say.holds ?? "";
      note.classList.add("good");
      place.dataset.outcome = "holds";
      list.hidden = false;
    } catch (error) {
      const why = error instanceof Error ? error.message : "";
      place.dataset.outcome = why;
      // Neither the browser nor the library can: that is no word about the proof.
      const unable = why === "unable";
      note.textContent = (unable ? say.unable : why === "later" ? say.later : say.fails) ?? "";
      note.classList.toggle("bad", !unable && why !== "later");
    }
  };

  /**
   * The proof in a chosen file: its own text, or what is attached to a PDF (papers::attach writes it last).
   * @param {File} chosen @returns {Promise<string>}
   */
  const proofOf = async (chosen) => {
    const raw = new Uint8Array(await chosen.arrayBuffer());
    // One character for each byte, so that places in the text are places in the file.
    const all = new TextDecoder("latin1").decode(raw);
    if (!all.startsWith("%PDF")) return new TextDecoder().decode(raw);
    const lead = "<</Type/EmbeddedFile/Subtype/text#2Fplain/Length ";
    const at = all.lastIndexOf(lead);
    const found = at < 0 ? null : /^(\d{1,7})>>stream\n/.exec(all.slice(at + lead.length, at + lead.length + 20));
    if (!found) throw new Error("proof");
    const start = at + lead.length + found[0].length;
    return new TextDecoder().decode(raw.slice(start, start + Number(found[1])));
  };

  /** @param {string} address @returns {Promise<string>} */
  const fetched = async (address) => {
    const answer = await fetch(address, { cache: "no-store", referrerPolicy: "no-referrer" });
    if (answer.status === 503 || answer.status === 404) throw new Error("later");
    if (!answer.ok) throw new Error("fetch");
    return answer.text();
  };

  /** @param {string} key base64url @param {string} id */
  const paperProof = async (key, id) => {
    const plain = key.replace(/-/g, "+").replace(/_/g, "/");
    const raw = Uint8Array.from(atob(plain + "=".repeat((4 - (plain.length % 4)) % 4)), (c) => c.charCodeAt(0));
    const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
    const made = new Uint8Array(await crypto.subtle.sign("HMAC", imported, text.encode("paper:" + id)));
    return base64(made).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  };

  for (const found of document.querySelectorAll("[data-proof]")) {
    const place = /** @type {HTMLElement} */ (found);
    const policy = place.dataset.policy ?? "";
    const file = /** @type {HTMLInputElement | null} */ (place.querySelector("input[type=file]"));
    // The policy is read when the page is, and so is the library where it is needed: later the network may be cut.
    const pinned = fetched(policy);
    pinned.catch(() => undefined);
    if (globalThis.crypto?.subtle) verifier().catch(() => undefined);
    file?.addEventListener("change", () => {
      const chosen = file.files?.[0];
      if (chosen) void show(place, async () => [await proofOf(chosen), await pinned]);
    });
    // Dropped anywhere on the card: the same.
    if (file) {
      place.addEventListener("dragover", (event) => event.preventDefault());
      place.addEventListener("drop", (event) => {
        event.preventDefault();
        const dropped = event.dataTransfer?.files[0];
        if (dropped) void show(place, async () => [await proofOf(dropped), await pinned]);
      });
    }
    const button = /** @type {HTMLButtonElement | null} */ (place.querySelector("button[data-proof-check]"));
    const link = /** @type {HTMLAnchorElement | null} */ (place.querySelector("a[data-proof-file]"));
    const nameless = /** @type {HTMLAnchorElement | null} */ (place.querySelector("a[data-proof-nameless]"));
    /** @param {HTMLAnchorElement | null} kept @param {string | undefined} words */
    const keep = (kept, words) => {
      if (!kept) return;
      if (words) kept.href = URL.createObjectURL(new Blob([words], { type: "text/plain" }));
      kept.hidden = !words;
    };
    button?.addEventListener("click", () => {
      void show(place, async () => {
        const key = location.hash.slice(1);
        if (!key) throw new Error("key");
        const address = place.dataset.proof + "?proof=" + (await paperProof(key, place.dataset.id ?? ""));
        const words = await fetched(address);
        keep(link, words);
        keep(nameless, withoutName(words));
        return [words, await pinned];
      });
    });
  }
})();
