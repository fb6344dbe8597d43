// A sandbox and a house that talks to it through a line we listen on; all in a temporary folder, gone afterwards.
import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createPlain } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const BINARY = process.env.QIAO_BIN ?? path.resolve(import.meta.dirname, "../../../target/debug/qiao");
const START_MS_MAX = 60_000;

/** @returns {Promise<number>} a port nobody listens on */
export async function freePort() {
  const server = createPlain().listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await new Promise((closed) => server.close(closed));
  return port;
}

/** @param {string[]} args @returns {Promise<any>} the JSON document of a command */
export async function qiao(...args) {
  const { stdout } = await run(BINARY, [...args, "--json"], { maxBuffer: 64 << 20 });
  return JSON.parse(stdout);
}

/** Starts a command that serves; resolves when `address` answers. */
async function serve(address, ...args) {
  const child = spawn(BINARY, args, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => { said = (said + text).slice(-8_000); });
  const until = Date.now() + START_MS_MAX;
  while (!(await fetch(address).then((r) => r.status < 500, () => false))) {
    if (child.exitCode !== null || Date.now() > until) {
      child.kill("SIGKILL");
      throw new Error(`qiao ${args[0]} did not become ready:\n${said}`);
    }
    await new Promise((tick) => setTimeout(tick, 100));
  }
  const gone = new Promise((ended) => child.once("exit", ended));
  return { stop: async () => { child.kill("SIGTERM"); await gone; }, said: () => said };
}

/**
 * A line between house and sandbox that keeps what went over it.
 * @param {string} target
 */
async function listenIn(target) {
  /** @type {{method: string, url: string, headers: any, body: string, status: number, answer: string, answerHeaders: any}[]} */
  const calls = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece) => { body += piece; });
    request.on("end", async () => {
      const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => !["host", "connection", "content-length"].includes(name)));
      const answer = await fetch(target + request.url, { method: request.method, headers: /** @type {any} */ (headers), body: request.method === "GET" ? undefined : body });
      const text = await answer.text();
      const answerHeaders = Object.fromEntries([...answer.headers].filter(([name]) => !["content-length", "transfer-encoding", "connection"].includes(name)));
      calls.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body, status: answer.status, answer: text, answerHeaders });
      response.writeHead(answer.status, answerHeaders);
      response.end(answer.status === 204 ? undefined : text);
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((ready) => server.once("listening", ready));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { base: `http://127.0.0.1:${port}`, calls, stop: () => new Promise((closed) => { server.closeAllConnections(); server.close(closed); }) };
}

/** A sandbox, a house, and the line between them. `connect` names the options of `qiao payments set`. */
export async function startRig(connect) {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: run \`cargo build\` first`);
  const folder = await mkdtemp(path.join(tmpdir(), "shanqiao-peers-"));
  const stops = [() => rm(folder, { recursive: true, force: true })];
  const stop = async () => { for (const each of stops.reverse()) await each(); };
  try {
    const [keys, data] = [path.join(folder, "sandbox"), path.join(folder, "data")];
    const outside = `http://127.0.0.1:${await freePort()}`;
    const sandbox = await serve(`${outside}/sandbox/faults`, "sandbox", "--data", keys, "--listen", outside.slice(7));
    stops.push(sandbox.stop);
    const line = await listenIn(outside);
    stops.push(line.stop);
    const base = `http://127.0.0.1:${await freePort()}`;
    const init = await qiao("init", "--data", data, "--unit", "示范市红十字会", "--region", "371300", "--base-url", base);
    await qiao("payments", "set", "--data", data, "--endpoint", line.base, ...(await connect(keys)));
    const house = await serve(`${base}/ready`, "serve", "--data", data, "--listen", base.slice(7));
    stops.push(house.stop);
    return { outside, base, line, keys, data, init, stop };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** @param {string} folder @param {string} name */
export const file = (folder, name) => readFile(path.join(folder, name), "utf8");

/** @param {string} url @param {any} [body] @param {Record<string, string>} [headers] */
export async function post(url, body, headers = {}) {
  const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...headers }, body: body === undefined ? undefined : JSON.stringify(body) });
  const text = await answer.text();
  return { status: answer.status, body: text ? JSON.parse(text) : null };
}

/** Waits until `look` gives something. @template T @param {() => Promise<T | undefined | false>} look @returns {Promise<T>} */
export async function eventually(look, what) {
  const until = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > until) throw new Error(`${what} did not happen within 20 s`);
    await new Promise((tick) => setTimeout(tick, 100));
  }
}
