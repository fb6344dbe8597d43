// Weighs the first load of the console, of the wall and of the phone app (the entry, what it imports at once, their styles and one language) and
// fails over their limits.
import { readFile, rm } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";

const DIST = path.resolve(import.meta.dirname, "../dist");
const PAGES = [
  // An officer on a county's line opens the console within two seconds (issue 5): with what the sign-in and the first screen
  // need at once; a screen's own chunk comes with its route.
  { name: "console", page: "index.html", bytes_max: 400 * 1024, with: [/virtual:words\/zh-Hans$|words\/zh-Hans/, /shell\/Shell\.tsx$/, /screens\/work\/Work\.tsx$/] },
  // The wall screen: a small machine behind a television.
  { name: "wall", page: "wall.html", bytes_max: 150 * 1024, with: [/virtual:wall\/zh-Hans$|wall\/zh-Hans/] },
  // The phone app: opened where the line is bad. What reads codes with the camera comes later.
  { name: "phone app", page: "phone.html", bytes_max: 150 * 1024, with: [/virtual:phone\/zh-Hans$|phone\/zh-Hans/] },
];

/** @type {Record<string, {file: string, isEntry?: boolean, imports?: string[], css?: string[]}>} */
const manifest = JSON.parse(await readFile(path.join(DIST, ".vite/manifest.json"), "utf8"));
// It names our source files, which nobody needs to be served.
await rm(path.join(DIST, ".vite"), { recursive: true });

/** @param {Set<string>} files @param {string} key */
const take = (files, key) => {
  const chunk = manifest[key];
  if (!chunk || files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const sheet of chunk.css ?? []) files.add(sheet);
  for (const next of chunk.imports ?? []) take(files, next);
};

let isTooHeavy = false;
for (const { name, page, bytes_max, with: also } of PAGES) {
  const files = new Set([page]);
  for (const key of Object.keys(manifest)) if (key === page || also.some((first) => first.test(key))) take(files, key);
  if (!manifest[page]) throw new Error(`${page} was not built`);
  let total = 0;
  for (const file of files) {
    const bytes = gzipSync(await readFile(path.join(DIST, file)), { level: 9 }).length;
    total += bytes;
    console.log(`${String(Math.round(bytes / 102.4) / 10).padStart(8)} kB  ${file}`);
  }
  console.log(`${String(Math.round(total / 102.4) / 10).padStart(8)} kB  first load of the ${name}, gzip; the limit is ${bytes_max / 1024} kB`);
  isTooHeavy ||= total > bytes_max;
}
if (isTooHeavy) {
  console.error("A first load is too heavy: split by route, or import less.");
  process.exit(1);
}
