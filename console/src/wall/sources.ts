/** Which public addresses a scene needs. No other address is asked, and none needs a sign-in. */
import { type Get, Missing, type Source } from "./feeds";
import type { Scene } from "./lib/playlist";
import type { Settings } from "./lib/settings";
import type { Figures, Unit } from "./lib/tree";
import { type Books, type CampaignTotals, type Home, training } from "./shapes";

const TOTALS_MS = 10_000;
const SLOW_MS = 30_000;
const UNITS_MS = 600_000;
/** An operator's file is written once a day; a day and two hours later it is old. */
const FED_MS_MAX = 26 * 3_600_000;
/** Pages of 500 units: a province has some 2,000 townships. */
const UNIT_PAGES_MAX = 20;

const stream = (key: string, path: string): Source => ({ key, kind: "stream", path });
const asked = (key: string, path: string, every_ms: number): Source => ({
  key,
  kind: "poll",
  every_ms,
  ask: async (get) => {
    const { body, at } = await get(path);
    const said = (body as { as_of?: unknown }).as_of;
    return { value: body, as_of: typeof said === "string" ? said : at };
  },
});

async function allUnits(get: Get): Promise<{ value: Unit[]; as_of: string }> {
  const units: Unit[] = [];
  let cursor: string | null = null;
  let at = "";
  for (let page = 0; page < UNIT_PAGES_MAX; page += 1) {
    const answer = await get(`/api/v1/units?limit=500${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    const { items, next } = answer.body as { items: Unit[]; next: string | null };
    units.push(...items);
    ({ at } = answer);
    cursor = next ?? null;
    if (!cursor) break;
  }
  return { value: units, as_of: at };
}

export const home = stream("home", "/events/home");
export const units: Source = { key: "units", kind: "poll", every_ms: UNITS_MS, ask: allUnits };
export const goods = stream("goods", "/events/goods");
export const coverage: Source = {
  key: "coverage", kind: "poll", every_ms: SLOW_MS,
  ask: async (get) => {
    const { body, at } = await get("/api/v1/coverage");
    const { items } = body as { items?: unknown };
    return { value: items ?? body, as_of: at };
  },
};
export const books = asked("books", "/api/v1/log/books", TOTALS_MS);
export const campaign = (id: string): Source => stream(`campaign:${id}`, `/events/${id}`);
export const board = (id: string): Source => stream(`board:${id}`, `/events/b-${id}`);
export const info = (id: string): Source => asked(`info:${id}`, `/api/v1/campaigns/${id}`, SLOW_MS);
export const totals = (id: string): Source => asked(`totals:${id}`, `/api/v1/campaigns/${id}/totals`, TOTALS_MS);
export const pool = (code: string, language: string): Source => asked(`pool:${code}`, `/api/v1/match/pools/${code}?lang=${language}`, TOTALS_MS);
export const fed = (path: string): Source => ({
  key: "training", kind: "poll", every_ms: SLOW_MS, age_ms_max: FED_MS_MAX,
  ask: async (get) => {
    const { body } = await get(path);
    const read = training(body);
    if (!read) throw new Missing();
    return { value: read, as_of: read.as_of };
  },
});

/** Campaigns whose names are read for the list on the first scene. */
export const NAMED_MAX = 6;

/** Everything a scene shows. */
export function of(scene: Scene, settings: Settings, known: Home | undefined): Source[] {
  const sums = scene.campaign ? totals(scene.campaign) : books;
  switch (scene.name) {
    case "now":
      return scene.campaign
        ? [campaign(scene.campaign), info(scene.campaign), sums, units]
        : [home, units, sums, ...(known?.campaigns ?? []).slice(0, NAMED_MAX).map((one) => info(one.public_id))];
    case "map":
      return [units, sums, ...(scene.campaign ? [info(scene.campaign)] : [])];
    case "ranks":
      return [board(scene.campaign ?? "all"), ...(scene.campaign ? [info(scene.campaign)] : [])];
    case "coverage":
      return [coverage];
    case "pools":
      return settings.pools.map((code) => pool(code, settings.language));
    case "goods":
      return [goods];
    case "training":
      return settings.training ? [fed(settings.training)] : [];
  }
}

/** Sums of units: net of what was given back, matches apart, as every page counts. */
export function figuresOf(value: CampaignTotals | Books | undefined): Map<string, Figures> {
  const rows = value === undefined ? [] : "units" in value && "by_day" in value ? value.units : (value as Books).projects;
  const all = new Map<string, Figures>();
  for (const row of rows) {
    const before = all.get(row.unit) ?? { gifts: 0, net_fen: 0 };
    all.set(row.unit, { gifts: before.gifts + row.gifts, net_fen: before.net_fen + row.sum_fen - row.refunds.sum_fen });
  }
  return all;
}
