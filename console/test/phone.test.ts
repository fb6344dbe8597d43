import { webcrypto } from "node:crypto";
import { expect, test } from "vitest";
import { type Along, asked, codeOf, itemOf, likely, look } from "../src/phone/lib/along";
import { fitted } from "../src/phone/lib/photo";
import { type Answer, BATCH_MAX, KEEP_MAX, type Kept, answered, batch, before, pause, spent, toAskAgain, toSend, wanted } from "../src/phone/lib/queue";
import { ITEM_CHARS_MAX, type PhoneRecord, bare, enrolmentText, oneLine, signedText } from "../src/phone/lib/record";

const ID = "abcdefghijklmnopqrstuvwxyz".replace("z", "2");
const record = (seq: number, more: Partial<PhoneRecord> = {}): PhoneRecord => ({ kind: "arrived", device: "d", device_at_ms: 1_000, key: `k${seq}`, seq, ...more });
const kept = (seq: number, state: Kept["state"] = "waiting", more: Partial<PhoneRecord> = {}): Kept => ({ seq, record: record(seq, more), signature: "s", state });
const answer = (seq: number, outcome: Answer["outcome"], more: Partial<Answer> = {}): Answer => ({ seq, key: `k${seq}`, outcome, refusal: null, first: null, wants_photo: false, ...more });

// The same text stands in crates/relief/src/devices/rules.rs: what a phone signs is what the server checks.
const SIGNED = '{"came":[{"n":1,"quantity":9}],"code":"X2026-000001","device":"aaaaaaaaaaaaaaaaaaaaaaaaaa","device_at_ms":1778198400000,"key":"k1","kind":"received","note":"一箱受潮 “湿”","place":"bbbbbbbbbbbbbbbbbbbbbbbbbb","quantity":9,"seq":3,"unit_word":"箱"}';

test("the signed text has its fields in the order of the alphabet and nothing that is empty", () => {
  const full: PhoneRecord = {
    seq: 3, kind: "received", unit_word: "箱", quantity: 9, place: "b".repeat(26), note: "一箱受潮 “湿”", key: "k1", device_at_ms: 1_778_198_400_000, device: "a".repeat(26),
    code: "X2026-000001", came: [{ quantity: 9, n: 1 }], into: "", signer: "",
  };
  expect(signedText(full)).toBe(SIGNED);
  expect(bare(full)).toEqual(JSON.parse(SIGNED));
  expect(signedText({ ...full, came: [] })).not.toContain("came");
  expect(signedText({ ...full, drawn: "10,20 90,60" })).toBe(SIGNED.replace('"key"', '"drawn":"10,20 90,60","key"'));
  expect(enrolmentText("u", "p")).toBe("shanqiao-phone/u/p");
});

test("a signature that was drawn leaves the phone once the server has it", () => {
  const drawn = { kind: "distributed", signer: "王小明", drawn: "10,20 90,60" } as const;
  const after = answered([kept(1, "waiting", drawn), kept(2, "waiting", drawn), kept(3, "waiting", drawn)], [answer(1, "taken"), answer(2, "pending")]);
  expect(after.map((one) => one.record.drawn)).toEqual([undefined, drawn.drawn, drawn.drawn]);
});

test("a giver's name leaves the phone once its goods are in, and stays word for word while they are refused", () => {
  const found = { kind: "unannounced", item: "旧被子", donor: "示例公司", sha256: "ff" } as const;
  const after = answered([kept(1, "waiting", found), kept(2, "waiting", found), kept(3, "waiting", found)], [answer(1, "taken"), answer(2, "refused"), answer(3, "settled")]);
  expect(after.map((one) => one.record.donor)).toEqual([undefined, "示例公司", undefined]);
  expect(signedText((after[1] as Kept).record)).toBe(signedText(record(2, found)));
});

test("a refused record is asked for again while its photograph waits here", () => {
  const found = { kind: "unannounced", item: "旧被子", sha256: "ff" } as const;
  const all = [kept(3, "refused", found), kept(1, "refused", found), kept(2, "refused", { ...found, sha256: "ee" }), kept(4, "taken", found), kept(5, "refused", { sha256: "ff" }), kept(6, "refused", { kind: "unannounced" })];
  expect(toAskAgain(all, new Set(["ff"])).map((one) => one.seq)).toEqual([1, 3]);
  expect(answered(toAskAgain(all, new Set(["ff"])), [answer(1, "taken", { wants_photo: true })])[0]?.state).toBe("taken");
});

test("a key of the browser's kind signs it, and no other text", async () => {
  const pair = await webcrypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const how = { name: "ECDSA", hash: "SHA-256" };
  const bytes = (text: string) => new TextEncoder().encode(text);
  const signature = await webcrypto.subtle.sign(how, pair.privateKey, bytes(SIGNED));
  expect(signature.byteLength).toBe(64);
  expect(await webcrypto.subtle.verify(how, pair.publicKey, signature, bytes(SIGNED))).toBe(true);
  expect(await webcrypto.subtle.verify(how, pair.publicKey, signature, bytes(SIGNED.replace("9", "8")))).toBe(false);
  expect((await webcrypto.subtle.exportKey("raw", pair.publicKey)).byteLength).toBe(65);
  await expect(webcrypto.subtle.exportKey("pkcs8", pair.privateKey)).rejects.toThrow();
});

test("codes are read from addresses, labels and numbers as people type them", () => {
  expect(codeOf(`https://example.org/box/${ID.toUpperCase()}?lang=en`)).toBe(ID);
  expect(codeOf(` ${ID} `)).toBe(ID);
  expect(codeOf("x 2026 - 42")).toBe("X2026-000042");
  expect(codeOf("2026-7")).toBe("2026-0007");
  expect(codeOf("什么")).toBe("什么");
});

const ALONG: Along = {
  as_of: "2026-05-08T00:00:00Z", places: [], items: [{ id: "i1", name: "口罩", grade: "N95", units: ["只", "箱"] }, { id: "i2", name: "口罩", grade: "", units: ["只"] }, { id: "i3", name: "棉被", grade: "", units: ["床"] }],
  lots: [{ id: "l1", item: "口罩", grade: "N95", unit_word: "只", expires_on: null, announced: 20, arrived: 5, inspected: 0 }],
  codes: [{ id: ID, kind: "box", label: "X2026-000042", lot: "l1", quantity: 10 }, { id: "e", kind: "box", label: "X2026-000043", lot: null, quantity: null }],
  lines: [{ dispatch: "o1", number: "2026-0007", receiver: "示范医院", state: "issued", n: 1, lot: "l1", item: "口罩", unit_word: "只", quantity: 10 }],
};

test("what was taken along says what a code means, and an unknown code is recorded all the same", () => {
  for (const text of [`/box/${ID}`, "X2026-42"]) expect(look(ALONG, text)).toMatchObject({ what: "code", label: "X2026-000042", lot: { item: "口罩" } });
  expect(look(ALONG, "2026-7")).toMatchObject({ what: "order", code: "o1", receiver: "示范医院" });
  expect(look(ALONG, "X2026-000099")).toEqual({ what: "unknown", code: "X2026-000099" });
  expect(look(ALONG, " ")).toEqual({ what: "nothing" });
});

test("each kind asks for what it needs: a full box nothing more, a count no code", () => {
  const box = look(ALONG, ID);
  expect(asked("arrived", box)).toMatchObject({ place: true, quantity: false, lot: false });
  expect(asked("arrived", { what: "nothing" })).toMatchObject({ place: true, quantity: true, lot: true });
  expect(asked("counted", { what: "nothing" })).toMatchObject({ code: "none", quantity: true });
  expect(asked("received", look(ALONG, "2026-7")).came).toBe(true);
  expect(asked("lost", box).note).toBe("must");
  const [lot] = ALONG.lots;
  expect([likely("arrived", lot), likely("inspected", lot), likely("stocked", lot), likely("counted", lot)]).toEqual([20, 5, null, null]);
});

test("goods that nobody announced ask what they are, and are named as the catalogue shows them", () => {
  expect(asked("unannounced", { what: "nothing" })).toMatchObject({ item: true, lot: false, place: true, quantity: true, code: "may", photo: "may" });
  expect([itemOf(ALONG, "口罩 · N95")?.id, itemOf(ALONG, " 棉被 ")?.id, itemOf(ALONG, "旧被子")]).toEqual(["i1", "i3", undefined]);
  // The plain name is that of the item without a grade, as it is shown.
  expect(itemOf(ALONG, "口罩")?.id).toBe("i2");
  const text = signedText(record(1, { kind: "unannounced", item: "旧被子", donor: "示例", expires_on: "2027-05-08", certificate: true, quantity: 2, unit_word: "床" }));
  expect(text).toBe('{"certificate":true,"device":"d","device_at_ms":1000,"donor":"示例","expires_on":"2027-05-08","item":"旧被子","key":"k1","kind":"unannounced","quantity":2,"seq":1,"unit_word":"床"}');
});

test("batches go in the order of the numbers, and what the server could not finish holds up nothing", () => {
  const all = [kept(3), kept(1, "pending"), kept(2), kept(4, "taken"), kept(5, "refused")];
  expect(toSend(all).map((one) => one.seq)).toEqual([1, 2, 3]);
  expect(batch(all).map((one) => one.seq)).toEqual([2, 3, 1]);
  const many = Array.from({ length: 130 }, (_, n) => kept(n + 1));
  expect(batch(many)).toHaveLength(BATCH_MAX);
});

test("answers settle their records and no others", () => {
  const said = [
    answer(1, "taken"), answer(2, "known", { first: { by: "二号机", at: "2026-05-08T01:00:00Z" } }),
    answer(3, "refused", { refusal: { slug: "goods-not-enough", title: "不够", detail: "。" } }), { ...answer(4, "taken"), key: "another" },
  ];
  const after = answered([kept(1), kept(2), kept(3), kept(4)], said);
  expect(after.map((one) => one.state)).toEqual(["taken", "known", "refused", "waiting"]);
  expect(after[1]).toMatchObject({ by: "二号机", at: "2026-05-08T01:00:00Z" });
  expect(after[2]?.title).toBe("不够");
  expect(answered(after, said)).toEqual(after);
});

test("a code recorded before for the same step is known on this phone; what was refused may be recorded again", () => {
  const all = [kept(1, "taken", { code: "a" }), kept(2, "refused", { code: "b" })];
  expect(before(all, "arrived", "a")?.seq).toBe(1);
  expect(before(all, "stocked", "a")).toBeUndefined();
  expect(before(all, "arrived", "b")).toBeUndefined();
  expect(before([kept(1, "taken", { kind: "photo", code: "a" })], "photo", "a")).toBeUndefined();
});

test("bytes of photographs are wanted by name, and old answers go only when they are done", () => {
  const all = [kept(1, "waiting", { kind: "photo", sha256: "ff" }), kept(2)];
  expect(wanted(all, [answer(1, "taken", { wants_photo: true }), answer(2, "taken")])).toEqual(["ff"]);
  const old = Array.from({ length: KEEP_MAX + 3 }, (_, n) => kept(n + 10, "taken"));
  expect(spent([kept(1), kept(2, "refused"), ...old])).toEqual([12, 11, 10]);
});

test("texts are one line, pictures fit, and pauses grow to five minutes", () => {
  expect(oneLine(" a\nb\u0007 ")).toBe("a b");
  expect(Array.from(oneLine("箱".repeat(200)))).toHaveLength(120);
  expect(Array.from(oneLine("箱".repeat(200), ITEM_CHARS_MAX))).toHaveLength(80);
  expect(fitted(4_000, 3_000)).toEqual({ width: 1_600, height: 1_200 });
  expect(fitted(800, 600)).toEqual({ width: 800, height: 600 });
  expect([0, 1, 2, 9].map(pause)).toEqual([30_000, 60_000, 120_000, 300_000]);
});
