import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";

const HERE = path.resolve(import.meta.dirname, "..");
const catalogue = (language: string): Record<string, string> => JSON.parse(readFileSync(path.join(HERE, `../locales/${language}.json`), "utf8"));
const files = readdirSync(path.join(HERE, "src"), { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file) && !file.includes(".gen."));
const source = files.map((file) => readFileSync(path.join(HERE, "src", file), "utf8")).join("\n");

test("no screen has Chinese in its code: words live in the catalogue", () => {
  const found = source.split("\n").filter((line) => /[\u4e00-\u9fff]/.test(line) && !/^\s*(\/\/|\/?\*)/.test(line) && !line.includes("元$") && !line.includes('"中文"'));
  // Separators between enumerated names are punctuation, not words.
  expect(found.filter((line) => !line.includes('join("、")'))).toEqual([]);
});

test("every word of the catalogue is used by a screen", () => {
  const unused = Object.keys(catalogue("en")).filter((key) => key.startsWith("console.")).map((key) => key.slice("console.".length)).filter((key) => {
    if (source.includes(`"${key}"`)) return false;
    const group = key.replace(/[._][^._]+$/, "");
    const groups = [key.split(".")[0], key.split(".").slice(0, -1).join("."), group];
    return !groups.some((one) => source.includes(`"${one}"`) || source.includes(`\`${one}.\${`) || source.includes(`\`${one}_\${`) || source.includes(`group="${one}"`) || source.includes(`${one}.\${`));
  });
  expect(unused.filter((key) => !/^(step\.(campaign|project)_|pools\.\w+_effect)/.test(key))).toEqual([]);
});
