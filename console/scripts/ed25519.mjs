// Makes templates/static/ed25519.js, which the server hands out beside the pages; it is kept in git, so that the server builds
// without it being made. With `--check` it writes nothing, and fails where what is kept is not what the pinned packages give.
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { build } from "vite";

const ROOT = path.resolve(import.meta.dirname, "..");
const KEPT = path.resolve(ROOT, "../templates/static/ed25519.js");
const LIBRARY = path.join(ROOT, "node_modules/@noble/ed25519");
/** Loaded only where WebCrypto has no Ed25519, by a phone that waits for it. */
const BYTES_MAX = 12 * 1024;

const { name, version } = JSON.parse(await readFile(path.join(LIBRARY, "package.json"), "utf8"));
const licence = (await readFile(path.join(LIBRARY, "LICENSE"), "utf8")).trim();
const made = await build({
  configFile: false,
  root: ROOT,
  logLevel: "warn",
  build: {
    // Browsers that lack Ed25519 are old ones: no newer syntax than that of proof.js.
    target: ["es2020", "safari14"],
    write: false,
    modulePreload: false,
    rolldownOptions: {
      input: path.join(ROOT, "src/proof/ed25519.ts"),
      preserveEntrySignatures: "strict",
      output: { format: "es", comments: false },
    },
  },
});
const chunks = [made].flat().flatMap((one) => ("output" in one ? one.output : []));
const [chunk, ...others] = chunks;
if (chunk?.type !== "chunk" || others.length > 0 || chunk.imports.length > 0) throw new Error("not one file");
const text = `/*\n${name} ${version}, what verifies of it; made by console/scripts/ed25519.mjs.\n\n${licence}\n*/\n${chunk.code.trim()}\n`;
if (Buffer.byteLength(text) > BYTES_MAX) throw new Error(`${Buffer.byteLength(text)} bytes; the limit is ${BYTES_MAX}`);
if (!process.argv.includes("--check")) await writeFile(KEPT, text);
else if ((await readFile(KEPT, "utf8")) !== text) throw new Error("templates/static/ed25519.js is not what the packages give; `npm run ed25519` makes it");
