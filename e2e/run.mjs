// The browser tests, two files at a time. Where CI runs them, a file that failed is run once more alone, as the Rust tests
// are: it stands as FLAKY in the output, and only one that fails twice fails the run.
import { readdirSync } from "node:fs";
import path from "node:path";
import { run } from "node:test";
import { tap } from "node:test/reporters";

const FOLDER = path.join(import.meta.dirname, "tests");

/**
 * @param {string[]} files
 * @param {number} concurrency
 * @returns {Promise<string[]>} the files in which a test failed
 */
async function failed(files, concurrency) {
  /** @type {Set<string>} */
  const found = new Set();
  const tests = run({ files, concurrency });
  // What waits for a test that failed says so too, of the same file.
  tests.on("test:fail", ({ file, name }) => found.add(files.find((one) => one === file || one === name) ?? file ?? name));
  for await (const part of tests.compose(tap)) process.stdout.write(part);
  return [...found];
}

const named = process.argv.slice(2);
const all = named.length > 0 ? named.map((one) => path.resolve(one)) : readdirSync(FOLDER).filter((one) => one.endsWith(".test.mjs")).sort().map((one) => path.join(FOLDER, one));
let broken = await failed(all, 2);
if (broken.length > 0 && process.env.SHANQIAO_CI) {
  for (const file of broken) console.log(`# FLAKY, once more: ${path.basename(file)}`);
  broken = await failed(broken, 1);
}
for (const file of broken) console.error(`failed: ${path.basename(file)}`);
process.exitCode = broken.length > 0 ? 1 : 0;
