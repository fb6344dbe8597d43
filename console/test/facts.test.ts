import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const ROOT = path.resolve(import.meta.dirname, "../..");
const CRATES = path.join(ROOT, "crates");
const catalogue = (language: string): Record<string, string> => JSON.parse(readFileSync(path.join(ROOT, `locales/${language}.json`), "utf8"));

const KIND = "([a-z_]+\\.[a-z0-9_]+)";
/** Where a kind stands as it is written: in a new fact, among many at once, or handed to what makes the fact. */
const WRITTEN = [`\\bkind: "${KIND}"`, `\\bfacts\\.push\\(\\s*[\\w.]+,\\s*"${KIND}"`, `\\b(?:finish|conclude_for|tell|book)\\([^;"]*"${KIND}",`].map((pattern) => new RegExp(pattern, "g"));

/** The programme without its tests and comments. Pages write no fact: what is a `kind` there is an entry of the public log. */
function sources(): string[] {
  const files = readdirSync(CRATES, { recursive: true, encoding: "utf8" }).map((file) => file.replaceAll(path.sep, "/"));
  return files
    .filter((file) => /^\w+\/src\/.*\.rs$/.test(file) && !/\/tests?(\/|\.rs$)/.test(file) && !/^(insight|sandbox|xtask)\//.test(file))
    .map((file) => readFileSync(path.join(CRATES, file), "utf8").replace(/#\[cfg\(test\)\]\s*mod \w+ \{[\s\S]*$/, "").replace(/^\s*\/\/.*$/gm, ""));
}

/** What the crates' lists of their kinds hold, a name in place of its text. */
function declared(all: string): string[] {
  const named = new Map([...all.matchAll(new RegExp(`const (\\w+): &str = "${KIND}";`, "g"))].map((found) => [found[1], found[2]] as const));
  const lists = [...all.matchAll(/const FACT_KINDS: &\[&str\] = &\[([^\]]*)\]/g)].flatMap((found) => (found[1] ?? "").split(","));
  return lists.map((word) => word.trim()).filter(Boolean).map((word) => (word.startsWith('"') ? word.slice(1, -1) : named.get(word) ?? word));
}

const all = sources().join("\n");
const written = WRITTEN.map((pattern) => [...all.matchAll(pattern)].map((found) => found[1] ?? ""));
const kinds = [...new Set([...declared(all), ...written.flat()])].sort();

test("the kinds of facts are found where they are written", () => {
  for (const found of written) expect(found.length).toBeGreaterThan(0);
  expect(kinds.length).toBeGreaterThan(300);
  expect(kinds.filter((kind) => !new RegExp(`^${KIND}$`).test(kind))).toEqual([]);
  for (const kind of ["document.confirmed", "refund.approved", "gift.confirmed", "books.journal_reversed", "break_glass.used", "notice.published", "log.key_rotated"]) expect(kinds).toContain(kind);
});

test.each(["zh-Hans", "en"])("every kind of fact has words in %s", (language) => {
  const words = catalogue(language);
  expect(kinds.filter((kind) => !words[`console.fact.${kind}`])).toEqual([]);
});

test("no words are kept for a fact that nobody writes", () => {
  const kept = Object.keys(catalogue("en")).filter((key) => key.startsWith("console.fact.")).map((key) => key.slice("console.fact.".length));
  expect(kept.filter((kind) => !kinds.includes(kind))).toEqual([]);
});

test("words of facts are short in Chinese", () => {
  expect(Object.entries(catalogue("zh-Hans")).filter(([key, words]) => key.startsWith("console.fact.") && words.length > 12)).toEqual([]);
});
