// Alipay's own client library talks to the sandbox and checks what it signs; what the library accepts as a notice is
// then sent to the house. Run by crates/integrations/tests/alipay/peer.rs, which gives the addresses and keys on stdin.
import assert from 'node:assert/strict';
import { createSign, createPrivateKey } from 'node:crypto';
import { createServer } from 'node:http';
import { AlipaySdk } from 'alipay-sdk';

const given = JSON.parse(await text(process.stdin));
const { settings, house, forged_order: strangeOrder } = given;

async function text(stream) {
  let all = '';
  for await (const part of stream) all += part;
  return all;
}

const pem = (label, base64) => `-----BEGIN ${label}-----\n${base64.match(/.{1,64}/g).join('\n')}\n-----END ${label}-----`;
const trust = settings.trust;
const sdk = new AlipaySdk({
  appId: settings.app_id,
  privateKey: settings.app_private_key,
  keyType: 'PKCS8',
  gateway: settings.gateway,
  ...(trust.mode === 'public_key'
    ? { alipayPublicKey: trust.alipay_public_keys.at(-1) }
    : {
        appCertContent: trust.app_cert,
        alipayPublicCertContent: trust.alipay_certs.at(-1),
        alipayRootCertContent: trust.alipay_root_cert,
      }),
});

// Notices of the sandbox come here.
const notices = [];
const listener = createServer(async (request, response) => {
  notices.push(Object.fromEntries(new URLSearchParams(await text(request))));
  response.end('success');
});
await new Promise((ready) => listener.listen(0, '127.0.0.1', ready));
const notifyUrl = `http://127.0.0.1:${listener.address().port}/notice`;
const arrived = async (count) => {
  for (let waited = 0; notices.length < count && waited < 100; waited += 1) await new Promise((on) => setTimeout(on, 50));
  assert.equal(notices.length, count, 'notices that arrived');
};

const number = `SDK${Date.now()}`;
const trade = { outTradeNo: number, totalAmount: '12.30', subject: '善款' };

// 1. A pay page by address (wap) and by form (page), both accepted.
const address = sdk.pageExecute('alipay.trade.wap.pay', 'GET', {
  bizContent: { ...trade, productCode: 'QUICK_WAP_WAY' },
  notifyUrl,
  returnUrl: 'http://127.0.0.1:1/back',
});
const page = await fetch(address);
assert.equal(page.status, 200, 'the library’s wap request');
assert.match(await page.text(), /12\.30 元/);
const form = sdk.pageExecute('alipay.trade.page.pay', 'POST', {
  bizContent: { ...trade, outTradeNo: `${number}P`, productCode: 'FAST_INSTANT_TRADE_PAY' },
  notifyUrl,
});
const action = form.match(/action="([^"]+)"/)[1];
const fields = [...form.matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
  name,
  value.replaceAll('&quot;', '"'),
]);
const pageByForm = await fetch(action, { method: 'POST', body: new URLSearchParams(fields) });
assert.equal(pageByForm.status, 200, 'the library’s page request');

// 2. Answers that the library verifies.
const asked = async (method, bizContent) => sdk.exec(method, { bizContent }, { validateSign: true });
const before = await asked('alipay.trade.query', { outTradeNo: number });
assert.deepEqual([before.code, before.tradeStatus], ['10000', 'WAIT_BUYER_PAY']);
const origin = new URL(settings.gateway).origin;
const paid = await fetch(`${origin}/alipay/pay`, {
  method: 'POST',
  body: new URLSearchParams({ out_trade_no: number, action: 'pay' }),
  redirect: 'manual',
});
assert.equal(paid.status, 303);
// The signed word that the browser brings back.
const back = Object.fromEntries(new URL(paid.headers.get('location')).searchParams);
assert.ok(sdk.checkNotifySignV2(back), 'the return address is signed');
const after = await asked('alipay.trade.query', { outTradeNo: number });
assert.deepEqual([after.tradeStatus, after.totalAmount], ['TRADE_SUCCESS', '12.30']);
const none = await asked('alipay.trade.query', { outTradeNo: 'SDK0' });
assert.deepEqual([none.code, none.subCode], ['40004', 'ACQ.TRADE_NOT_EXIST']);
const refund = { outTradeNo: number, refundAmount: '2.30', outRequestNo: 'RS1' };
const refunded = await asked('alipay.trade.refund', refund);
assert.deepEqual([refunded.fundChange, refunded.refundFee], ['Y', '2.30']);
assert.equal((await asked('alipay.trade.refund', refund)).fundChange, 'N', 'the same again moves nothing');
const found = await asked('alipay.trade.fastpay.refund.query', { outTradeNo: number, outRequestNo: 'RS1' });
assert.deepEqual([found.refundStatus, found.refundAmount], ['REFUND_SUCCESS', '2.30']);
const closed = await asked('alipay.trade.close', { outTradeNo: `${number}P` });
assert.equal(closed.code, '10000');
const bill = await asked('alipay.data.dataservice.bill.downloadurl.query', { billType: 'trade', billDate: '2020-01-01' });
assert.equal(bill.subCode, 'isp.bill_not_exist');

// 3. Notices that the library verifies, and one that was changed and that it refuses.
await arrived(2);
const [payment, givenBack] = notices;
assert.ok(sdk.checkNotifySign(payment) && sdk.checkNotifySignV2(payment), 'the notice of the payment');
assert.ok(sdk.checkNotifySignV2(givenBack), 'the notice of the refund');
assert.deepEqual([payment.trade_status, payment.total_amount], ['TRADE_SUCCESS', '12.30']);
assert.equal(givenBack.out_biz_no, 'RS1');
assert.ok(!sdk.checkNotifySignV2({ ...payment, total_amount: '12.31' }), 'a changed notice');

// 4. What the library accepts from Alipay, the house accepts too; what it refuses, the house refuses.
const { sign: _sign, sign_type: _type, ...told } = payment;
told.out_trade_no = strangeOrder;
told.trade_no = '2026050822001400000000099999';
told.subject = '捐 & 赠 = 100%';
const content = Object.keys(told).sort().map((key) => `${key}=${told[key]}`).join('&');
const alipayKey = createPrivateKey(pem('PRIVATE KEY', given.alipay_private_key));
const sign = createSign('RSA-SHA256').update(content, 'utf8').sign(alipayKey, 'base64');
const signed = { ...told, sign_type: 'RSA2', sign };
assert.ok(sdk.checkNotifySignV2(signed), 'a notice made here');
const toHouse = async (notice) => (await fetch(house, { method: 'POST', body: new URLSearchParams(notice) })).text();
assert.equal(await toHouse(signed), 'success');
const changed = { ...signed, total_amount: '99.00' };
assert.ok(!sdk.checkNotifySignV2(changed));
assert.equal(await toHouse(changed), 'fail');
listener.close();
console.log(`alipay-sdk and this house agree (${trust.mode})`);
