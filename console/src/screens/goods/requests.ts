import type { Shape } from "../../api/client";
import { api } from "../../api/client";
import type { Fen } from "../../lib/money";

export type Request = Shape["GoodsRequestOut"];
/** An item as it is asked for: its name, and the units it may be counted in. */
export type Askable = { id: string; name: string; grade: string; units: string[] };

/** What the form of a request holds. */
export type Entered = {
  receiver?: string; what: "goods" | "money"; item?: string; unit_word?: string; quantity?: number; amount_fen?: Fen | null;
  priority: Shape["Priority"]; basis: string; needed_by?: string;
};

export const PRIORITIES = ["urgent", "high", "normal"] as const satisfies Shape["Priority"][];

/** Hands a request in; the key makes sending twice one request. */
export function handIn(unit: string, key: string, receiver: string, entered: Entered) {
  const goods = { item: entered.item ?? null, unit_word: entered.unit_word ?? null, quantity: entered.quantity ?? null };
  const wanted = entered.what === "goods" ? goods : { amount_fen: Number(entered.amount_fen ?? 0) };
  const body: Shape["AskFor"] = { key, receiver, ...wanted, priority: entered.priority, basis: entered.basis, needed_by: entered.needed_by ?? null };
  return api.POST("/api/v1/goods/{unit}/requests", { params: { path: { unit } }, body });
}
