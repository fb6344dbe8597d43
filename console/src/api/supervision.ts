import { ask } from "./client";

export const THING_KINDS = ["project", "campaign", "fund", "unit", "gift", "lot"] as const;
export const CONDITIONS = ["refund_over", "payout_over", "expenditure_over", "spending_share", "journal_reversed", "goods_out_of_hours", "goods_breach", "watched"] as const;
export type ThingKind = (typeof THING_KINDS)[number];
type Moment = "requested" | "approved";
export type Condition =
  | { kind: "refund_over" | "payout_over"; over_fen: number; when: Moment }
  | { kind: "expenditure_over"; over_fen: number }
  | { kind: "spending_share"; project?: string | null; over_percent: number }
  | { kind: "goods_out_of_hours"; item?: string | null; from_hour: number; to_hour: number }
  | { kind: "journal_reversed" | "goods_breach" | "watched" };
export type Watched = { id: string; unit: string; kind: ThingKind; thing: string; name: string; note: string; created_at: string };
export type Rule = { id: string; unit: string; title: string; condition: Condition; created_at: string; ended_at: string | null };
export type Alert = { id: string; unit: string; rule: string; title: string; fact_kind: string; subject: string; amount_fen: number | null; happened_at: string; seen_at: string | null; note: string };
type Listed<T> = { items: T[]; next?: string | null };

const ALL = "/api/v1/supervision";

export const watched = (): Promise<Listed<Watched>> => ask("GET", `${ALL}/watched`);
export const watch = (kind: ThingKind, thing: string, note: string): Promise<Watched> => ask("POST", `${ALL}/watched`, { kind, thing, note });
export const noteWatched = (id: string, note: string): Promise<Watched> => ask("PUT", `${ALL}/watched/${id}/note`, { note });
export const unwatch = (id: string): Promise<void> => ask("DELETE", `${ALL}/watched/${id}`);
export const rules = (): Promise<Listed<Rule>> => ask("GET", `${ALL}/rules`);
export const setRule = (unit: string, title: string, condition: Condition): Promise<Rule> => ask("POST", `${ALL}/rules`, { unit, title, condition });
export const endRule = (id: string): Promise<Rule> => ask("POST", `${ALL}/rules/${id}/end`, {});
export const alerts = (state: "unseen" | "seen", page: { cursor: string | undefined; limit: number }): Promise<Listed<Alert>> => {
  const given = new URLSearchParams({ state, limit: String(page.limit), ...(page.cursor ? { cursor: page.cursor } : {}) });
  return ask("GET", `${ALL}/alerts?${given}`);
};
export const seeAlert = (id: string, note: string): Promise<Alert> => ask("POST", `${ALL}/alerts/${id}/seen`, { note });
