// A house in which donors can pay: its own sandbox of a payment provider, and a gateway that keeps the messages it is sent.
import { spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { BINARY, UNIT, freePort, qiao } from "./house.mjs";

const START_MS_MAX = 60_000;
const SECRET = "a secret of the tests";

/** @param {string} address @param {import("node:child_process").ChildProcess} child */
async function ready(address, child) {
  const until = Date.now() + START_MS_MAX;
  while (!(await fetch(address).then((r) => r.ok, () => false))) {
    if (child.exitCode !== null || Date.now() > until) throw new Error(`${address} did not become ready`);
    await new Promise((tick) => setTimeout(tick, 100));
  }
}

/**
 * @param {(data: string, folder: string) => Promise<void>} [prepare] what is done to the house before it opens
 * @returns {Promise<{base: string, sandbox: string, messages: any[], data: string, init: any, stop: () => Promise<void>}>}
 */
export async function startGiving(prepare) {
  const folder = await mkdtemp(path.join(tmpdir(), "shanqiao-giving-"));
  const [data, toys] = [path.join(folder, "data"), path.join(folder, "sandbox")];
  const [port, toyPort, gatewayPort] = [await freePort(), await freePort(), await freePort()];
  const [base, sandbox] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${toyPort}`];
  /** @type {import("node:child_process").ChildProcess[]} */
  const children = [];
  /** @type {any[]} */
  const messages = [];
  const gateway = createServer((request, response) => {
    /** @type {Buffer[]} */
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      const signed = createHmac("sha256", SECRET).update(body).digest("hex") === request.headers["x-signature"];
      messages.push({ signed, ...JSON.parse(body.toString("utf8")) });
      response.writeHead(204).end();
    });
  }).listen(gatewayPort, "127.0.0.1");
  /** @type {any} */
  let init;
  const stop = async () => {
    for (const child of children) child.kill("SIGTERM");
    await Promise.all(children.map((child) => (child.exitCode === null ? new Promise((gone) => child.once("exit", gone)) : null)));
    gateway.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    init = await qiao("init", "--data", data, "--unit", UNIT, "--region", "371300", "--log-fewest", "1", "--base-url", base);
    await qiao("simulate", "giving-day", "--data", data, "--gifts", "200", "--sum-yuan", "6000", "--seed", "7");
    const toy = spawn(BINARY, ["sandbox", "--data", toys, "--listen", `127.0.0.1:${toyPort}`, "--json"], { stdio: ["ignore", "pipe", "ignore"] });
    children.push(toy);
    let said = "";
    toy.stdout.on("data", (text) => { said += text; });
    await ready(`${sandbox}/sandbox/faults`, toy);
    const { wechat, alipay } = JSON.parse(said);
    await qiao("payments", "set", "--data", data, "--provider", "wechat", "--endpoint", sandbox, "--merchant", wechat.mchid,
      "--app", wechat.appid, "--serial", wechat.serial, "--key", path.join(toys, "wechat/apiclient_key.pem"),
      "--api-key-file", path.join(toys, "wechat/api_key.txt"), "--app-secret-file", path.join(toys, "wechat/app_secret.txt"));
    await qiao("payments", "alipay", alipay, "--data", data);
    await prepare?.(data, folder);
    const server = spawn(BINARY, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`], {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, QIAO_NOTIFY_URL: `http://127.0.0.1:${gatewayPort}/`, QIAO_NOTIFY_SECRET: SECRET },
    });
    children.push(server);
    await ready(`${base}/ready`, server);
  } catch (error) {
    await stop();
    throw error;
  }
  return { base, sandbox, messages, data, init, stop };
}
