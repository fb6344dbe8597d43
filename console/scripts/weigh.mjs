// Weighs the first load (the entry, what it imports at once, their styles and one language) and fails over the limit.
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

/** An officer on a county's line opens the console within two seconds (issue 5). */
const FIRST_LOAD_BYTES_MAX = 400 * 1024;
const DIST = path.resolve(import.meta.dirname, "../dist");

/** @type {Record<string, {file: string, isEntry?: boolean, imports?: string[], css?: string[]}>} */
const manifest = JSON.parse(await readFile(path.join(DIST, ".vite/manifest.json"), "utf8"));
const files = new Set(["index.html"]);
/** @param {string} key */
const take = (key) => {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const sheet of chunk.css ?? []) files.add(sheet);
  for (const next of chunk.imports ?? []) take(next);
};
// What the sign-in and the first screen need at once; a screen's own chunk comes with its route.
const FIRST = [/^virtual:words\/zh-Hans$|words\/zh-Hans/, /screens\/work\/Work\.tsx$/];
for (const [key, chunk] of Object.entries(manifest)) {
  if (chunk.isEntry || FIRST.some((first) => first.test(key))) take(key);
}

// It names our source files, which nobody needs to be served.
await rm(path.join(DIST, ".vite"), { recursive: true });

let total = 0;
for (const file of files) {
  const bytes = gzipSync(await readFile(path.join(DIST, file)), { level: 9 }).length;
  total += bytes;
  console.log(`${String(Math.round(bytes / 102.4) / 10).padStart(8)} kB  ${file}`);
}
console.log(`${String(Math.round(total / 102.4) / 10).padStart(8)} kB  first load, gzip; the limit is ${FIRST_LOAD_BYTES_MAX / 1024} kB`);
if (total > FIRST_LOAD_BYTES_MAX) {
  console.error("The first load is too heavy: split by route, or import less.");
  process.exit(1);
}
