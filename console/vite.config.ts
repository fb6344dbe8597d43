import { readFile } from "node:fs/promises";
import path from "node:path";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";
import { ahead, files } from "./scripts/first.ts";

const LOCALES = path.resolve(import.meta.dirname, "../locales");
const OURS = "console.";
/** The rule of a pool is told in the words in which the server publishes it. */
const SHARED = ["match.rule.", "match.cap."];
/** Whose words a module brings: the console's, or those of the wall screen or the phone app alone, which load no word of the console. */
const PARTS = [
  { id: "virtual:words/", ours: OURS, shared: SHARED },
  { id: "virtual:wall/", ours: "wall.", shared: [] },
  { id: "virtual:phone/", ours: "phone.", shared: [] },
];

/** A part of the catalogue that server, console and wall share, one language a file: `virtual:words/en`. */
function words(): Plugin {
  return {
    name: "words",
    resolveId: (id) => (PARTS.some((part) => id.startsWith(part.id)) ? `\0${id}` : null),
    async load(id) {
      const part = PARTS.find((one) => id.startsWith(`\0${one.id}`));
      if (!part) return null;
      const file = path.join(LOCALES, `${id.slice(part.id.length + 1)}.json`);
      this.addWatchFile(file);
      const all = Object.entries<string>(JSON.parse(await readFile(file, "utf8")));
      const ours = all.filter(([key]) => key.startsWith(part.ours)).map(([key, text]) => [key.slice(part.ours.length), text]);
      const shared = all.filter(([key]) => part.shared.some((group) => key.startsWith(group)));
      return `export default ${JSON.stringify(Object.fromEntries([...ours, ...shared]))}`;
    },
  };
}

/** The server that development talks to: `QIAO=http://127.0.0.1:8080 npm run dev`. */
const SERVER = process.env.QIAO ?? "http://127.0.0.1:8080";
const proxy = Object.fromEntries(["/api", "/v", "/events", "/log"].map((path) => [path, SERVER]));

export default defineConfig({
  base: "/console/",
  plugins: [react(), words(), ahead(import.meta.dirname)],
  server: { proxy },
  build: {
    target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false }, manifest: true,
    // The console, the wall screen at /wall and the phone app at /app/: pages of one build, the latter two without the
    // console's weight. scripts/worker.mjs makes the phone app's worker of what was built.
    rolldownOptions: { input: ["index.html", "wall.html", "phone.html"], output: { codeSplitting: files(import.meta.dirname) } },
  },
  test: { include: ["test/**/*.test.ts"], environment: "node", passWithNoTests: false, testTimeout: 60_000 },
});
