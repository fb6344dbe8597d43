// What the console's benchmark stands on: a house of its own on either database, gifts that come in at a rate, figures out of samples.
import { execFile, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { BINARY, UNIT, freePort, qiao } from "../lib/house.mjs";

const run = promisify(execFile);
const START_MS_MAX = 60_000;
const ROOT = process.getuid?.() === 0;

/** One figure, one line. @param {string} figure @param {object} found */
export const tell = (figure, found) => console.log(JSON.stringify({ figure, ...found }));

/** @param {number[]} samples @param {number} share */
export function quantile(samples, share) {
  const sorted = [...samples].sort((a, b) => a - b);
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN) * 10) / 10;
}

/** The newest version Debian has, else what the path finds. @param {string} name */
function tool(name) {
  const versions = existsSync("/usr/lib/postgresql") ? readdirSync("/usr/lib/postgresql") : [];
  const found = versions.map((version) => `/usr/lib/postgresql/${version}/bin/${name}`).filter((file) => existsSync(file));
  return found.sort().at(-1) ?? name;
}
/** PostgreSQL refuses root. @param {string} name @param {string[]} words */
const asOwner = (name, words) => (ROOT ? run("runuser", ["-u", "postgres", "--", tool(name), ...words], { cwd: "/" }) : run(tool(name), words));

/** A PostgreSQL of our own with the durability it has by default. @returns {Promise<{database: (name: string) => Promise<string>, stop: () => Promise<void>}>} */
export async function startPostgres() {
  const home = await mkdtemp(path.join(tmpdir(), "shanqiao-bench-pg-"));
  if (ROOT) await run("chown", ["postgres:", home]);
  const [data, port] = [path.join(home, "data"), String(await freePort())];
  await asOwner("initdb", ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]);
  await asOwner("pg_ctl", ["start", "-w", "-D", data, "-o", `-p ${port} -c listen_addresses=127.0.0.1 -k ${home}`, "-l", path.join(home, "log")]);
  return {
    database: async (name) => {
      await run(tool("createdb"), ["-h", "127.0.0.1", "-U", "postgres", "-p", port, name]);
      return `postgres://postgres@127.0.0.1:${port}/${name}`;
    },
    stop: async () => {
      await asOwner("pg_ctl", ["stop", "-m", "fast", "-D", data]);
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * A house with so many gifts, which serves.
 * @param {number} gifts @param {string[]} database the words that name it, nothing for SQLite
 */
export async function startFull(gifts, database = []) {
  const folder = await mkdtemp(path.join(tmpdir(), "shanqiao-bench-"));
  const at = ["--data", path.join(folder, "data"), ...database];
  await mkdir(folder, { recursive: true });
  const init = await qiao("init", ...at, "--unit", UNIT, "--region", "371300");
  const day = await qiao("simulate", "giving-day", ...at, "--gifts", String(gifts), "--sum-yuan", String(gifts * 30), "--seed", "7");
  const port = await freePort();
  const server = spawn(BINARY, ["serve", ...at, "--listen", `127.0.0.1:${port}`], { stdio: ["ignore", "ignore", "ignore"] });
  const gone = new Promise((ended) => server.once("exit", ended));
  const base = `http://127.0.0.1:${port}`;
  const until = Date.now() + START_MS_MAX;
  while (!(await fetch(`${base}/ready`).then((r) => r.ok, () => false))) {
    if (server.exitCode !== null || Date.now() > until) throw new Error("the server did not become ready");
    await new Promise((tick) => setTimeout(tick, 100));
  }
  const stop = async () => {
    server.kill("SIGTERM");
    await gone;
    await rm(folder, { recursive: true, force: true });
  };
  return { base, port, init, day, pid: /** @type {number} */ (server.pid), stop };
}

/**
 * Sends signed notices over kept connections, each with one request in flight.
 * @param {{port: number, init: any}} house @param {{seconds: number, rate: number, connections: number, prefix: string, projects: string[]}} way a rate of 0 is as fast as it goes
 * @returns {Promise<{sent: number, refused: number, per_s: number}>}
 */
export async function pour(house, { seconds, rate, connections, prefix, projects }) {
  const { notice_secret: secret, notice_account: account } = house.init;
  const began = performance.now();
  const end = began + seconds * 1000;
  let [sent, refused, asked] = [0, 0, 0];
  const request = () => {
    asked += 1;
    const body = JSON.stringify({ trade_no: `${prefix}-${String(asked).padStart(9, "0")}`, amount_fen: 100 + (asked % 9_000), paid_at: new Date().toISOString(), project: projects[asked % projects.length], payer: { name: `示例${asked}` } });
    const signature = createHmac("sha256", Buffer.from(secret, "utf8")).update(body).digest("hex");
    return `POST /api/v1/notices/${account} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\nx-signature: ${signature}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
  };
  /** @type {(() => void)[]} */
  const idle = [];
  const isDue = () => rate === 0 || asked < ((performance.now() - began) / 1000) * rate;
  const timer = setInterval(() => { while (idle.length > 0 && isDue() && performance.now() < end) idle.pop()?.(); }, 4);
  await Promise.all(Array.from({ length: connections }, () => new Promise((done, fail) => {
    const socket = connect(house.port, "127.0.0.1");
    let got = "";
    const next = () => {
      if (performance.now() >= end) {
        socket.end();
        done(null);
      } else if (isDue()) socket.write(request());
      else idle.push(next);
    };
    socket.once("connect", next);
    socket.once("error", fail);
    socket.on("data", (bytes) => {
      got += bytes.toString("latin1");
      const head = got.indexOf("\r\n\r\n");
      const length = /content-length: (\d+)/i.exec(got);
      if (head < 0 || got.length < head + 4 + Number(length?.[1] ?? 0)) return;
      if (got.startsWith("HTTP/1.1 200")) sent += 1;
      else refused += 1;
      got = "";
      next();
    });
    setTimeout(() => { socket.end(); done(null); }, seconds * 1000 + 5_000).unref();
  })));
  clearInterval(timer);
  const took_s = (performance.now() - began) / 1000;
  return { sent, refused, per_s: Math.round(sent / Math.min(took_s, seconds + 0.5)) };
}
