// What machines ask of a house: health, metrics, headers, events, problems.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { startHouse } from "../lib/house.mjs";

/** @type {Awaited<ReturnType<typeof startHouse>>} */
let house;
before(async () => { house = await startHouse(); });
after(async () => { await house?.stop(); });

test("health, readiness and metrics answer", async () => {
  for (const address of ["/health", "/ready"]) assert.equal((await fetch(house.base + address)).status, 200, address);
  const metrics = await fetch(house.base + "/metrics");
  assert.ok([200, 401, 403].includes(metrics.status), "metrics are open or guarded, never missing");
});

test("pages allow no inline script, no frame and no referrer", async () => {
  const { headers } = await fetch(house.base + "/");
  const policy = headers.get("content-security-policy") ?? "";
  assert.match(policy, /default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe/);
  assert.match(policy, /frame-ancestors 'none'/);
  assert.equal(headers.get("referrer-policy"), "no-referrer");
  assert.equal(headers.get("x-content-type-options"), "nosniff");
});

test("static files are kept for ever under their hashed names", async () => {
  const page = await (await fetch(house.base + "/")).text();
  const addresses = [...page.matchAll(/\/static\/[^"]+/g)].map((hit) => hit[0]);
  assert.ok(addresses.length >= 3, "style, script and mark");
  for (const address of addresses) {
    const answer = await fetch(house.base + address);
    assert.equal(answer.status, 200, address);
    assert.match(answer.headers.get("cache-control") ?? "", /immutable/, address);
  }
});

test("a problem is JSON to programs, a page to browsers, each in the reader's language", async () => {
  const ask = (/** @type {Record<string, string>} */ headers) => fetch(house.base + "/c/aaaaaaaaaaaaaaaaaaaaaaaaaa", { headers });
  const json = await ask({ accept: "application/json", "accept-language": "en" });
  assert.equal(json.status, 404);
  assert.match(json.headers.get("content-type") ?? "", /application\/problem\+json/);
  const body = await json.json();
  assert.equal(body.type, "/problems/not-found");
  assert.match(body.title, /^[A-Z]/);
  const page = await ask({ accept: "text/html", "accept-language": "zh-CN" });
  assert.match(page.headers.get("content-type") ?? "", /text\/html/);
  assert.match(await page.text(), /没有这个页面/);
});

test("an event stream begins with a whole snapshot", async () => {
  const home = await (await fetch(house.base + "/")).text();
  const address = home.match(/data-events="([^"]+)"/)?.[1];
  assert.ok(address, "the home page is live");
  const stop = new AbortController();
  const answer = await fetch(house.base + address, { signal: stop.signal });
  assert.match(answer.headers.get("content-type") ?? "", /text\/event-stream/);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  let text = "";
  const until = Date.now() + 20_000;
  while (!text.includes("\n\n") || !text.includes("data:")) {
    assert.ok(Date.now() < until, "a snapshot came in time");
    const { value, done } = await reader.read();
    assert.ok(!done, "the stream stays open");
    text += new TextDecoder().decode(value);
  }
  const snapshot = JSON.parse(text.split("\n").find((line) => line.startsWith("data:"))?.slice(5) ?? "");
  assert.equal(typeof snapshot.total_fen, "number");
  assert.match(snapshot.as_of, /Z$/);
  stop.abort();
});

test("looking up is limited", async () => {
  const ask = () => fetch(house.base + "/lookup", {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", accept: "text/html" },
    body: new URLSearchParams({ number: "NOSUCHNUMBER0001", amount: "1", day: "2026-05-08" }),
  });
  let answer = await ask();
  for (let asked = 1; asked < 30 && answer.status === 200; asked += 1) answer = await ask();
  assert.equal(answer.status, 429);
  assert.ok(Number(answer.headers.get("retry-after")) > 0);
});
