// wechatpay-node-v3, which nobody here wrote: it talks to the sandbox, verifies what sandbox and house sign, decrypts the
// sandbox's notices; and the house takes what it signs.
import assert from "node:assert/strict";
import { createCipheriv, createDecipheriv, createPublicKey, createVerify, randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import Pay from "wechatpay-node-v3";
import { eventually, file, post, startRig } from "../lib/rig.mjs";

/** @type {Awaited<ReturnType<typeof startRig>>} */
let rig;
/** @type {any} */ let peer;
/** @type {any} */ let merchant;
/** @type {{headers: Record<string, string>, body: string}[]} */
const answers = [];

before(async () => {
  rig = await startRig(async (keys) => {
    merchant = JSON.parse(await file(keys, "wechat/merchant.json"));
    return ["--provider", "wechat", "--merchant", merchant.mchid, "--app", merchant.appid, "--serial", merchant.serial,
      "--key", `${keys}/wechat/apiclient_key.pem`, "--api-key-file", `${keys}/wechat/api_key.txt`];
  });
  peer = new Pay({
    appid: merchant.appid,
    mchid: merchant.mchid,
    publicKey: Buffer.from(await file(rig.keys, "wechat/apiclient_cert.pem")),
    privateKey: Buffer.from(await file(rig.keys, "wechat/apiclient_key.pem")),
    key: merchant.api_key,
  });
  // The peer's own door for another HTTP client: only the host is another one.
  const ask = async (method, url, body, headers) => {
    const target = url.replace("https://api.mch.weixin.qq.com", rig.outside);
    const answer = await fetch(target, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    const text = await answer.text();
    answers.push({ headers: Object.fromEntries(answer.headers), body: text });
    let data = text;
    try { data = JSON.parse(text); } catch { /* bills and empty answers are no JSON */ }
    return { status: answer.status, data };
  };
  peer.createHttp({
    get: (url, headers) => ask("GET", url, undefined, headers),
    post: (url, body, headers) => ask("POST", url, body, headers),
  });
});
after(async () => { await rig?.stop(); });

/** Whether the peer finds the platform's signature on this. */
const peerTrusts = (headers, body) => peer.verifySign({
  timestamp: headers["wechatpay-timestamp"], nonce: headers["wechatpay-nonce"], serial: headers["wechatpay-serial"],
  signature: headers["wechatpay-signature"], body,
});

const order = (number, total) => ({
  description: "演示项目", out_trade_no: number, notify_url: `${rig.base}/api/v1/payments/wechat/wechat/notice`, amount: { total, currency: "CNY" },
});

/** Places an order at the house and begins its payment. */
async function begin(fen, way = { way: "wechat_h5" }) {
  const placed = await post(`${rig.base}/api/v1/orders`, { project: "general", amount_fen: fen, payer: { name: "测试甲" } });
  assert.equal(placed.status, 201, JSON.stringify(placed.body));
  const step = await post(`${rig.base}/api/v1/orders/${placed.body.order}/pay`, way);
  assert.equal(step.status, 200, JSON.stringify(step.body));
  return { ...placed.body, step: step.body };
}
const state = async (id) => (await fetch(`${rig.base}/api/v1/orders/${id}`)).json();

test("the peer reads the merchant certificate that the sandbox issued", () => {
  assert.equal(peer.serial_no.toUpperCase(), merchant.serial);
});

test("the peer orders, queries, closes and refunds at the sandbox, and verifies every answer", async () => {
  const jsapi = await peer.transactions_jsapi({ ...order("PEER000001", 500), payer: { openid: "oPeer" } });
  assert.equal(jsapi.status, 200, JSON.stringify(jsapi));
  assert.match(jsapi.data.package, /^prepay_id=wx/);
  const h5 = await peer.transactions_h5({ ...order("PEER000002", 600), scene_info: { payer_client_ip: "127.0.0.1", h5_info: { type: "Wap" } } });
  assert.match(h5.data.h5_url, /^http/);
  const native = await peer.transactions_native(order("PEER000003", 700));
  assert.ok(native.data.code_url);
  assert.equal((await peer.query({ out_trade_no: "PEER000001" })).data.trade_state, "NOTPAY");
  assert.equal((await peer.close("PEER000003")).status, 204);
  assert.equal((await peer.query({ out_trade_no: "PEER000003" })).data.trade_state, "CLOSED");
  assert.equal((await post(`${rig.outside}/sandbox/wechat/pay/PEER000001`)).body.paid, true);
  const paid = await peer.query({ out_trade_no: "PEER000001" });
  assert.deepEqual([paid.data.trade_state, paid.data.amount.total], ["SUCCESS", 500]);
  assert.equal((await peer.query({ transaction_id: paid.data.transaction_id })).data.out_trade_no, "PEER000001");
  const refund = await peer.refunds({ out_trade_no: "PEER000001", out_refund_no: "PEERR1", amount: { refund: 200, total: 500, currency: "CNY" } });
  assert.equal(refund.data.status, "PROCESSING", JSON.stringify(refund));
  assert.equal((await peer.find_refunds("PEERR1")).data.status, "SUCCESS");
  assert.ok(answers.length >= 9);
  for (const { headers, body } of [...answers]) assert.equal(await peerTrusts(headers, body), true, body);
});

test("a request that somebody changed on its way is refused", async () => {
  const authorization = peer.buildAuthorization("POST", "https://api.mch.weixin.qq.com/v3/pay/transactions/native", order("PEER000009", 1));
  const changed = await fetch(`${rig.outside}/v3/pay/transactions/native`, {
    method: "POST", headers: { authorization, "content-type": "application/json" }, body: JSON.stringify(order("PEER000009", 2)),
  });
  assert.equal(changed.status, 401);
});

test("every request of the house bears the signature that the peer makes of it", async () => {
  const placed = await begin(1_000);
  assert.match(placed.step.url, /redirect_url=/);
  const checked = await post(`${rig.base}/api/v1/orders/${placed.order}/check`);
  assert.equal(checked.body.state, "pending");
  const ours = rig.line.calls.filter((call) => call.headers.authorization);
  assert.ok(ours.some((call) => call.method === "POST") && ours.some((call) => call.method === "GET"));
  for (const call of ours) {
    const part = (name) => call.headers.authorization.match(new RegExp(`${name}="([^"]+)"`))[1];
    assert.ok(call.headers.authorization.startsWith("WECHATPAY2-SHA256-RSA2048 "));
    const theirs = peer.getSignature(call.method, part("nonce_str"), part("timestamp"), call.url, call.body);
    assert.equal(part("signature"), theirs, `${call.method} ${call.url}`);
    assert.equal(part("serial_no"), merchant.serial);
    if (call.status < 300) assert.equal(await peerTrusts(call.answerHeaders, call.answer), true);
  }
});

test("the parameters for the chat app's payment sheet are signed as the peer signs them", async () => {
  const { step } = await begin(300, { way: "wechat_jsapi", openid: "oPeer" });
  const { appId, timeStamp, nonceStr, package: prepay, signType, paySign } = step.params;
  assert.equal(signType, "RSA");
  assert.equal(paySign, peer.sign([appId, timeStamp, nonceStr, prepay, ""].join("\n")));
});

test("the peer verifies and decrypts the sandbox's notices", async () => {
  const notice = await (await fetch(`${rig.outside}/sandbox/wechat/notice/PEER000001`)).json();
  const headers = Object.fromEntries(Object.entries(notice.headers).map(([name, value]) => [name.toLowerCase(), value]));
  assert.equal(await peerTrusts(headers, notice.body), true);
  const { resource } = JSON.parse(notice.body);
  const plain = peer.decipher_gcm(resource.ciphertext, resource.associated_data, resource.nonce);
  assert.equal(plain.out_trade_no, "PEER000001");
  // The peer looks past the tag; the runtime's own cipher does not.
  const sealed = Buffer.from(resource.ciphertext, "base64");
  const cipher = createDecipheriv("aes-256-gcm", merchant.api_key, resource.nonce);
  cipher.setAuthTag(sealed.subarray(-16));
  cipher.setAAD(Buffer.from(resource.associated_data));
  assert.deepEqual(JSON.parse(Buffer.concat([cipher.update(sealed.subarray(0, -16)), cipher.final()]).toString()), plain);
});

test("a payment at the sandbox is a gift at the house by its notice", async () => {
  const placed = await begin(2_000);
  assert.equal((await post(`${rig.outside}/sandbox/wechat/pay/${placed.trade_no}`)).body.paid, true);
  const done = await eventually(async () => { const now = await state(placed.order); return now.state === "paid" && now; }, "the gift");
  assert.equal(done.paid_fen, 2_000);
  assert.ok(done.gift && done.certificate);
  const sent = await (await fetch(`${rig.outside}/sandbox/notices`)).json();
  assert.ok(sent.some((each) => each.about === placed.trade_no && each.taken && each.status === 204));
});

test("the house takes a notice that the peer signed, and no other", async () => {
  const placed = await begin(4_200);
  const certificates = await peer.get_certificates(merchant.api_key);
  const [{ serial_no }] = certificates;
  // The peer wants some certificate to be made at all; it signs with the private key.
  const platform = new Pay({ appid: "x", mchid: "x", publicKey: Buffer.from(await file(rig.keys, "wechat/apiclient_cert.pem")), privateKey: Buffer.from(await file(rig.keys, "wechat/platform_key.pem")) });
  const seal = (value) => {
    const nonce = randomBytes(6).toString("hex");
    const cipher = createCipheriv("aes-256-gcm", merchant.api_key, nonce);
    cipher.setAAD(Buffer.from("transaction"));
    const ciphertext = Buffer.concat([cipher.update(JSON.stringify(value), "utf8"), cipher.final(), cipher.getAuthTag()]).toString("base64");
    return { original_type: "transaction", algorithm: "AEAD_AES_256_GCM", ciphertext, associated_data: "transaction", nonce };
  };
  const body = JSON.stringify({
    id: "peer-event-1", create_time: new Date().toISOString(), resource_type: "encrypt-resource", event_type: "TRANSACTION.SUCCESS", summary: "支付成功",
    resource: seal({
      mchid: merchant.mchid, appid: merchant.appid, out_trade_no: placed.trade_no, transaction_id: "4200009999", trade_type: "MWEB", trade_state: "SUCCESS",
      success_time: new Date().toISOString(), payer: { openid: "oPeer" }, amount: { total: 4_200, payer_total: 4_200, currency: "CNY", payer_currency: "CNY" },
    }),
  });
  const [timestamp, nonce] = [String(Math.floor(Date.now() / 1000)), randomBytes(16).toString("hex")];
  const signature = platform.sha256WithRsa(`${timestamp}\n${nonce}\n${body}\n`);
  const send = (text, sign) => fetch(`${rig.base}/api/v1/payments/wechat/wechat/notice`, {
    method: "POST", body: text,
    headers: { "content-type": "application/json", "Wechatpay-Timestamp": timestamp, "Wechatpay-Nonce": nonce, "Wechatpay-Serial": serial_no, "Wechatpay-Signature": sign },
  });
  assert.equal((await send(body.replace("peer-event-1", "peer-event-2"), signature)).status, 401, "changed");
  assert.equal((await send(body, peer.sha256WithRsa(`${timestamp}\n${nonce}\n${body}\n`))).status, 401, "signed by the merchant, not by the platform");
  assert.equal((await state(placed.order)).state, "pending");
  assert.equal((await send(body, signature)).status, 204);
  assert.equal((await send(body, signature)).status, 204, "again");
  const done = await state(placed.order);
  assert.deepEqual([done.state, done.paid_fen], ["paid", 4_200]);
});

test("the sandbox's certificates and public key are those of its signatures", async () => {
  const pem = await file(rig.keys, "wechat/pub_key.pem");
  const { headers, body } = answers.find((each) => each.body.includes("prepay_id"));
  const verify = createVerify("RSA-SHA256").update(`${headers["wechatpay-timestamp"]}\n${headers["wechatpay-nonce"]}\n${body}\n`);
  assert.equal(verify.verify(createPublicKey(pem), headers["wechatpay-signature"], "base64"), true);
  const today = new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
  const early = await peer.tradebill({ bill_date: today, bill_type: "ALL" });
  assert.equal(early.status, 400, "a day has its bill when it is over");
});
