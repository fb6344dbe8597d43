// What the sign-in page and the first screen of work are made of: few files, asked for as early as the page can, and no antd.
import type { Plugin, Rolldown } from "vite";

const PAGES = ["/src/wall/main.tsx", "/src/phone/main.tsx"];
const MAIN = "/src/main.tsx";
const DOOR = "/src/screens/doors/SignIn.tsx";
const WORK = ["/src/shell/Shell.tsx", "/src/screens/work/Work.tsx"];
/** What all other screens are made of. */
const LATER = "/src/shell/Dress.tsx";
const WORDS = { "zh-Hans": "virtual:words/zh-Hans", en: "virtual:words/en" };

type Modules = { getModuleInfo: (id: string) => { importedIds: readonly string[] } | null };
type Graph = { first: Set<string>; door: Set<string>; work: Set<string>; pages: Set<string> };

/** All that these modules import at once. */
function reached(of: Modules, roots: string[]): Set<string> {
  const all = new Set<string>();
  const walk = (id: string) => {
    if (all.has(id)) return;
    all.add(id);
    for (const next of of.getModuleInfo(id)?.importedIds ?? []) walk(next);
  };
  for (const root of roots) walk(root);
  return all;
}

/** Few larger files instead of many small ones: a slow line takes six at a time. What the wall or the phone app needs too stays apart. */
export function files(root: string): Rolldown.CodeSplittingOptions {
  let graph: Graph | null = null;
  const see = (of: Modules): Graph => {
    const from = (...names: string[]) => reached(of, names.map((name) => root + name));
    graph ??= { first: from(MAIN), door: from(DOOR), work: from(...WORK), pages: from(...PAGES) };
    for (const id of [...graph.first, ...graph.door, ...graph.work]) {
      if (/node_modules\/(antd|@ant-design)\//.test(id)) throw new Error(`the sign-in page and the first screen do without antd, and now bring ${id}: import from ui/base, or load it when it is needed`);
    }
    return graph;
  };
  const doors = new Set([MAIN, DOOR, ...WORK].map((name) => root + name));
  const nameOf = (id: string, { first, door, work, pages }: Graph): string | null => {
    if (doors.has(id) || id.startsWith("\0virtual:")) return null;
    if (!first.has(id) && !door.has(id) && !work.has(id)) return null;
    if (pages.has(id)) return "base";
    if (first.has(id) || (door.has(id) && work.has(id))) return "console";
    return work.has(id) ? "work" : "door";
  };
  return {
    groups: ["base", "console", "work", "door"].map((name, at) => ({
      name: (id: string, of: Modules) => (nameOf(id, see(of)) === name ? name : null), debugName: name, priority: 10 - at,
    })),
  };
}

/** Asks for the words in the reader's language, for the first screen's files and who is there at once, beside the page's own script (`src/api/client.ts` takes the answer); for antd when the page has time. */
const script = (found: unknown) => `const files = ${JSON.stringify(found)};
const ask = (names, rel) => {
  for (const name of names) {
    const link = document.createElement("link");
    if (rel === "prefetch") link.as = "script";
    link.crossOrigin = "";
    link.rel = rel;
    link.href = "/console/" + name;
    document.head.append(link);
  }
};
let kept = null;
try {
  kept = JSON.parse(localStorage.getItem("qiao.language"));
} catch {
  // No storage: as the browser says.
}
const language = kept in files.words ? kept : navigator.language.startsWith("zh") ? "zh-Hans" : "en";
ask(files.words[language], "modulepreload");
const path = location.pathname.replace(/\\/$/, "");
if (path === "/console/sign-in") ask(files.door, "modulepreload");
if (path === "/console" || path === "/console/work") {
  ask(files.work, "modulepreload");
  const session = fetch("/api/v1/session", { credentials: "same-origin", headers: { accept: "application/json", "accept-language": language } });
  session.catch(() => undefined);
  globalThis.early = { "/api/v1/session": session };
}
const later = () => ask(files.later, "prefetch");
addEventListener("load", () => setTimeout(() => (globalThis.requestIdleCallback ?? setTimeout)(later), 1500));
`;

/** The small script of the page that asks ahead. */
export function ahead(root: string): Plugin {
  let name = "";
  return {
    name: "ahead",
    apply: "build",
    enforce: "pre",
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((one) => one.type === "chunk");
      const chunkOf = (id: string) => chunks.find((one) => one.facadeModuleId === id);
      const closure = (ids: string[]): string[] => {
        const all = new Set<string>();
        const walk = (file: string) => {
          if (all.has(file)) return;
          all.add(file);
          for (const next of chunks.find((one) => one.fileName === file)?.imports ?? []) walk(next);
        };
        for (const id of ids) {
          const chunk = chunkOf(id);
          if (!chunk) throw new Error(`${id} has no file of its own`);
          walk(chunk.fileName);
        }
        return [...all];
      };
      const entry = chunks.find((one) => one.isEntry && one.facadeModuleId === `${root}/index.html`);
      if (!entry) throw new Error("the console has no entry");
      const own = new Set(closure([entry.facadeModuleId ?? ""]));
      const more = (...ids: string[]) => closure(ids).filter((file) => !own.has(file));
      const words = Object.fromEntries(Object.entries(WORDS).map(([language, id]) => [language, more(`\0${id}`)]));
      const found = { words, door: more(root + DOOR), work: more(...WORK.map((one) => root + one)), later: more(root + LATER) };
      name = this.getFileName(this.emitFile({ type: "asset", name: "ahead.js", source: script(found) }));
    },
    transformIndexHtml: {
      order: "post",
      handler: (_, { filename }) =>
        filename.endsWith("/index.html") ? [{ tag: "script", attrs: { type: "module", async: true, crossorigin: true, src: `/console/${name}` }, injectTo: "head-prepend" }] : [],
    },
  };
}
