/** What the public addresses send, as far as the wall shows it. Money is whole fen. */

export type Latest = { who: string | null; amount_fen: number; to: string; at: string };
export type CardFigures = { public_id: string; total_fen: number; gifts: number; progress_permille: number | null };

/** `/events/home`. */
export type Home = {
  as_of: string;
  total_fen: number;
  gifts: number;
  today_fen: number;
  today_gifts: number;
  campaigns: CardFigures[];
  projects: CardFigures[];
  latest?: Latest[];
};

export type RankRow = {
  public_id: string;
  place: number;
  name: string;
  total_fen: number;
  gifts: number;
  share_permille: number;
  progress_permille: number | null;
};

/** `/events/{campaign}`. */
export type Campaign = {
  as_of: string;
  total_fen: number;
  gifts: number;
  progress_permille: number | null;
  counties: RankRow[];
  projects: RankRow[];
  latest?: Latest[];
};

/** Without a name: the server shows none, for it is too small. */
export type BoardRow = { place: number; name: string | null; total_fen: number; gifts: number; share_permille: number };

/** `/events/b-{campaign}` and `/events/b-all`. */
export type Board = {
  as_of: string;
  total_fen: number;
  gifts: number;
  campaigns: BoardRow[];
  counties: BoardRow[];
  unplaced_fen: number;
  projects: BoardRow[];
  teams: BoardRow[];
};

export type GoodsMove = { at: string; item: string; grade: string; quantity: number; unit_word: string };

/** `/events/goods`. */
export type Goods = {
  as_of: string;
  lots_today: number;
  cleared_permille: number | null;
  units: { unit_word: string; arrived: number; went: number }[];
  came?: (GoodsMove & { who: string })[];
  went?: (GoodsMove & { region: string; number: string })[];
};

export type CampaignInfo = {
  id: string;
  state: "draft" | "filed" | "open" | "full" | "ended" | "settled";
  target_fen: number;
  filing: { number: string } | null;
  plan: { title: string; starts_on: string; ends_on: string };
  projects: { id: string; title: string; mother: string | null }[];
};

type Sums = { gifts: number; sum_fen: number; refunds: { sum_fen: number } };
/** `/api/v1/campaigns/{campaign}/totals`. */
export type CampaignTotals = {
  as_of: string;
  by_day: { day: string; gifts: number; sum_fen: number }[];
  units: (Sums & { unit: string })[];
};
/** `/api/v1/log/books`. */
export type Books = { as_of: string; size: number; projects: (Sums & { unit: string })[] };

export type Covered = { unit: string; name: string; kind: "village" | "shop" | "firm"; known: number; gave: number; sum_fen: number };

export type Pool = {
  code: string;
  title: string;
  sponsor: string;
  state: "published" | "open" | "closing" | "closed";
  locked_fen: number;
  given_fen: number;
  left_fen: number;
  matches: number;
  rule_words: string[];
  as_of: string;
};

/** What an operator's own file says of training; it comes from no book of ours, and the wall says so. */
export type Training = { as_of: string; source: string; figures: { label: string; value: number; unit: string }[] };

const FIGURES_MAX = 8;

/** Reads the operator's file: null where it is not of the form that docs/wall.md gives. */
export function training(body: unknown): Training | null {
  const { as_of, source, figures } = (body ?? {}) as Record<string, unknown>;
  if (typeof as_of !== "string" || Number.isNaN(Date.parse(as_of)) || typeof source !== "string" || !Array.isArray(figures)) return null;
  const read = figures.slice(0, FIGURES_MAX).map((one: Record<string, unknown> | null) => ({ label: one?.label, value: one?.value, unit: one?.unit ?? "" }));
  const fits = read.every((one) => typeof one.label === "string" && typeof one.unit === "string" && Number.isSafeInteger(one.value) && (one.value as number) >= 0);
  return fits && read.length > 0 ? { as_of, source: source.slice(0, 40), figures: read as Training["figures"] } : null;
}
