import { readFile } from "node:fs/promises";
import path from "node:path";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

const LOCALES = path.resolve(import.meta.dirname, "../locales");
const OURS = "console.";
/** The rule of a pool is told in the words in which the server publishes it. */
const SHARED = ["match.rule.", "match.cap."];
const WORDS = "virtual:words/";

/** The console's part of the catalogue that server and console share, one language a file: `virtual:words/en`. */
function words(): Plugin {
  return {
    name: "words",
    resolveId: (id) => (id.startsWith(WORDS) ? `\0${id}` : null),
    async load(id) {
      if (!id.startsWith(`\0${WORDS}`)) return null;
      const file = path.join(LOCALES, `${id.slice(WORDS.length + 1)}.json`);
      this.addWatchFile(file);
      const all = Object.entries<string>(JSON.parse(await readFile(file, "utf8")));
      const ours = all.filter(([key]) => key.startsWith(OURS)).map(([key, text]) => [key.slice(OURS.length), text]);
      const shared = all.filter(([key]) => SHARED.some((group) => key.startsWith(group)));
      return `export default ${JSON.stringify(Object.fromEntries([...ours, ...shared]))}`;
    },
  };
}

/** The server that development talks to: `QIAO=http://127.0.0.1:8080 npm run dev`. */
const proxy = { "/api": process.env.QIAO ?? "http://127.0.0.1:8080", "/v": process.env.QIAO ?? "http://127.0.0.1:8080" };

export default defineConfig({
  base: "/console/",
  plugins: [react(), words()],
  server: { proxy },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, manifest: true },
  test: { include: ["test/**/*.test.ts"], environment: "node", passWithNoTests: false },
});
