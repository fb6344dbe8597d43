// A house of its own for the tests: init, a small giving day, serve; all in a temporary folder, gone afterwards.
import { execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
export const BINARY = process.env.QIAO_BIN ?? path.resolve(import.meta.dirname, "../../target/debug/qiao");
const START_MS_MAX = 60_000;
const STOP_MS_MAX = 15_000;
/** The unit of the tests; a made-up society in a real region. */
export const UNIT = "示范市红十字会";

/** @returns {Promise<number>} a port nobody listens on */
export async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
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

/**
 * Starts a house, or takes the one at E2E_BASE. With a name it is a house that knows itself by it, as passkeys want.
 * @param {{name?: string, knowsItsAddress?: boolean, prepare?: (data: string, folder: string) => Promise<void>}} [wanted] whether it
 *   tells others, such as providers of identities, its own address; what is done to the house before it opens, for one process
 *   alone holds its data
 * @returns {Promise<{base: string, own: boolean, data?: string, init?: any, day?: any, stop: () => Promise<void>}>}
 */
export async function startHouse({ name, knowsItsAddress = name !== undefined, prepare } = {}) {
  if (process.env.E2E_BASE) return { base: process.env.E2E_BASE.replace(/\/$/, ""), own: false, stop: async () => {} };
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is not there: run \`cargo build\` first`);
  const folder = await mkdtemp(path.join(tmpdir(), "shanqiao-e2e-"));
  const data = path.join(folder, "data");
  const port = await freePort();
  const base = `http://${name ?? "127.0.0.1"}:${port}`;
  const address = knowsItsAddress ? ["--base-url", base] : [];
  const init = await qiao("init", "--data", data, "--unit", UNIT, "--region", "371300", "--log-fewest", "1", ...address);
  const day = await qiao("simulate", "giving-day", "--data", data, "--gifts", "400", "--sum-yuan", "12000", "--seed", "7");
  await prepare?.(data, folder);
  const server = spawn(BINARY, ["serve", "--data", data, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [server.stdout, server.stderr]) stream.on("data", (text) => { said = (said + text).slice(-8_000); });
  const gone = new Promise((ended) => server.once("exit", ended));
  const stop = async () => {
    server.kill("SIGTERM");
    const late = new Promise((tick) => setTimeout(tick, STOP_MS_MAX, "late").unref());
    if ((await Promise.race([gone, late])) === "late") {
      server.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
      throw new Error(`the server did not stop within ${STOP_MS_MAX} ms of SIGTERM`);
    }
    await rm(folder, { recursive: true, force: true });
  };
  const until = Date.now() + START_MS_MAX;
  while (!(await fetch(`${base}/ready`).then((r) => r.ok, () => false))) {
    if (server.exitCode !== null || Date.now() > until) {
      await stop().catch(() => {});
      throw new Error(`the server did not become ready:\n${said}`);
    }
    await new Promise((tick) => setTimeout(tick, 100));
  }
  return { base, own: true, data, init, day, stop };
}

/**
 * Sends a signed payment notice.
 * @param {{base: string, init?: any}} house @param {object} notice
 * @returns {Promise<Response>}
 */
export function notify(house, notice) {
  const body = JSON.stringify(notice);
  const signature = createHmac("sha256", secretOf(house.init)).update(body).digest("hex");
  return fetch(`${house.base}/api/v1/notices/${house.init.notice_account}`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-signature": signature },
    body,
  });
}

/** The secret as `init` prints it: its UTF-8 bytes are the key. @param {any} init */
const secretOf = (init) => Buffer.from(init.notice_secret, "utf8");
