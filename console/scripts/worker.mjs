// Puts the list of the phone app's files, and a version made of it, into its worker: what is kept on the phone is exactly what
// the page may load, also what it loads only later (the other language, what reads codes).
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";

const ROOT = path.resolve(import.meta.dirname, "..");
const DIST = path.join(ROOT, "dist");
const BASE = "/console/";
const PAGE = "phone.html";
/** Beside what the page imports. */
const ALSO = ["phone/icon.svg", "phone/icon-192.png"];

/** @type {Record<string, {file: string, imports?: string[], dynamicImports?: string[], css?: string[], assets?: string[]}>} */
const manifest = JSON.parse(await readFile(path.join(DIST, ".vite/manifest.json"), "utf8"));
if (!manifest[PAGE]) throw new Error(`${PAGE} was not built`);
/** @type {Set<string>} */
const files = new Set(ALSO);
/** @type {Set<string>} */
const seen = new Set();

/** @param {string} key */
const take = (key) => {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return;
  seen.add(key);
  for (const file of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(file);
  for (const next of [...(chunk.imports ?? []), ...(chunk.dynamicImports ?? [])]) take(next);
};
take(PAGE);

const hash = createHash("sha256").update(await readFile(path.join(DIST, PAGE)));
for (const file of [...files].sort()) hash.update(file).update(await readFile(path.join(DIST, file)));
const template = await readFile(path.join(ROOT, "src/phone/worker.js"), "utf8");
const list = [...files].sort().map((file) => JSON.stringify(BASE + file)).join(", ");
const made = template.replace('["__FILES__"]', `[${list}]`).replace("__VERSION__", hash.digest("hex").slice(0, 16));
if (made.includes("__")) throw new Error("the worker has places that were not filled");
await writeFile(path.join(DIST, "phone-worker.js"), made);
console.log(`phone-worker.js keeps ${files.size} files`);
