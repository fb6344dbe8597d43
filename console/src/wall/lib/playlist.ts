/** What the wall shows in turn: `now@CAMPAIGN:25,map~371300:20,goods:15`. */

export const SCENES = ["now", "map", "ranks", "coverage", "pools", "goods", "training"] as const;
export type SceneName = (typeof SCENES)[number];

export type Scene = {
  name: SceneName;
  /** Public id of a campaign; all campaigns where it is absent. */
  campaign?: string;
  /** The region where the map begins. */
  region?: string;
  seconds: number;
};

/** Shorter than this nobody reads it. */
export const SECONDS_MIN = 5;
export const SECONDS_MAX = 3_600;
export const SECONDS_USUAL = 20;
/** More is no playlist but a film. */
export const ITEMS_MAX = 60;

const ITEM = /^([a-z]+)(?:@([a-z0-9]{1,40}))?(?:~(\d{2,12}))?(?::(\d{1,5}))?$/;

/** One item; null where it names no scene. */
export function parseItem(text: string): Scene | null {
  const found = ITEM.exec(text.trim());
  const name = SCENES.find((one) => one === found?.[1]);
  if (!found || !name) return null;
  const seconds = found[4] === undefined ? SECONDS_USUAL : Number(found[4]);
  return {
    name,
    ...(found[2] ? { campaign: found[2] } : {}),
    ...(found[3] ? { region: found[3] } : {}),
    seconds: Math.min(SECONDS_MAX, Math.max(SECONDS_MIN, seconds)),
  };
}

/** The list, and the items that are none. */
export function parse(text: string): { scenes: Scene[]; refused: string[] } {
  const scenes: Scene[] = [];
  const refused: string[] = [];
  for (const part of text.split(/[,\n]/).map((one) => one.trim()).filter(Boolean)) {
    const scene = parseItem(part);
    if (scene && scenes.length < ITEMS_MAX) scenes.push(scene);
    else refused.push(part);
  }
  return { scenes, refused };
}

export const format = (scenes: Scene[]): string =>
  scenes.map((one) => `${one.name}${one.campaign ? `@${one.campaign}` : ""}${one.region ? `~${one.region}` : ""}:${one.seconds}`).join(",");

/** What is worth showing where nobody made a list: only what has something to show. */
export type Known = { running: string[]; units: number; goods: boolean; coverage: boolean; pools: number; training: boolean };

/** Campaigns of the list that nobody made. */
const RUNNING_MAX = 3;

export function usual(known: Known): Scene[] {
  const scenes: Scene[] = [{ name: "now", seconds: 20 }];
  for (const campaign of known.running.slice(0, RUNNING_MAX)) {
    scenes.push({ name: "now", campaign, seconds: 25 }, { name: "ranks", campaign, seconds: 15 });
  }
  if (known.units > 1) scenes.push({ name: "map", seconds: 20 });
  if (known.coverage) scenes.push({ name: "coverage", seconds: 15 });
  if (known.pools > 0) scenes.push({ name: "pools", seconds: 15 });
  if (known.goods) scenes.push({ name: "goods", seconds: 15 });
  if (known.training) scenes.push({ name: "training", seconds: 15 });
  return scenes;
}

export type Turn = { at: number; since_ms: number };

/** Whose turn it is now: the next one when the time of this one is over; a list that became shorter begins anew. */
export function turn(scenes: Scene[], now: Turn, at_ms: number): Turn {
  const scene = scenes[now.at];
  if (!scene) return { at: 0, since_ms: at_ms };
  if (at_ms - now.since_ms < scene.seconds * 1_000) return now;
  return { at: (now.at + 1) % scenes.length, since_ms: at_ms };
}

/** Rows of a long table in turn: which page is shown, of how many. */
export function pageOf<T>(rows: T[], size: number, elapsed_ms: number, each_ms: number): { rows: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const page = Math.floor(Math.max(0, elapsed_ms) / each_ms) % pages;
  return { rows: rows.slice(page * size, (page + 1) * size), page: page + 1, pages };
}
