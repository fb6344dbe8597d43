/** How this wall is set up. The address says all of it, so that it can be pasted, and the browser keeps it for the next start. */
import { load, save } from "../../lib/stored";
import { type Scene, format, parse } from "./playlist";

export type Settings = {
  play: Scene[];
  language: "zh-Hans" | "en";
  theme: "dark" | "light";
  /** Words of the match pools that are shown: there is no public list of them. */
  pools: string[];
  /** Paths on this server's own address. */
  training: string | null;
  map: string | null;
  /** 审图号 of the operator's map. */
  map_number: string;
};

const KEPT = "wall.settings";
const POOLS_MAX = 6;
const NUMBER_CHARS_MAX = 60;

/** A path of our own server; anything that could lead elsewhere is none. */
export const ownPath = (text: string | null | undefined): string | null =>
  text && /^\/(?![/\\])[\w\-./%~]{1,300}$/.test(text) && !text.includes("..") ? text : null;

export function read(query: string, kept: string | null, browser: string): Settings {
  const own = new URLSearchParams(query);
  // An address that says anything says it all; else what this browser kept.
  const said = [...own.keys()].some((key) => KEYS.includes(key));
  const of = said ? own : new URLSearchParams(kept ?? "");
  const language = of.get("lang") ?? (browser.startsWith("zh") ? "zh-Hans" : "en");
  return {
    play: parse(of.get("play") ?? "").scenes,
    language: language.startsWith("en") ? "en" : "zh-Hans",
    theme: of.get("theme") === "light" ? "light" : "dark",
    pools: (of.get("pools") ?? "").split(",").map((one) => one.trim()).filter((one) => /^[\w-]{1,64}$/.test(one)).slice(0, POOLS_MAX),
    training: ownPath(of.get("training")),
    map: ownPath(of.get("map")),
    map_number: (of.get("map_number") ?? "").slice(0, NUMBER_CHARS_MAX),
  };
}

const KEYS = ["play", "lang", "theme", "pools", "training", "map", "map_number"];

export function write(settings: Settings): string {
  const of = new URLSearchParams();
  if (settings.play.length > 0) of.set("play", format(settings.play));
  of.set("lang", settings.language);
  of.set("theme", settings.theme);
  if (settings.pools.length > 0) of.set("pools", settings.pools.join(","));
  if (settings.training) of.set("training", settings.training);
  if (settings.map) of.set("map", settings.map);
  if (settings.map_number) of.set("map_number", settings.map_number);
  // What stands plainly in an address is easier to read and to paste.
  return of.toString().replace(/%2C/g, ",").replace(/%3A/g, ":").replace(/%40/g, "@").replace(/%7E/g, "~").replace(/%2F/g, "/");
}

export const stored = (): string | null => load<string>(KEPT);
export const store = (settings: Settings): void => save(KEPT, write(settings));
