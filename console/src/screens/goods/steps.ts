import type { Shape } from "../../api/client";

/** What can be done with goods in one spot; the server's words for it. */
export type LotStep = "arrive" | "inspect" | "stock" | "relocate" | "withdraw" | "give_back" | "restock" | "scrap" | "sell";
/** What comes next for a whole order. */
export type OrderStep = "issue" | "load" | "receive" | "call_off";

const OF_STATE: Partial<Record<Shape["LotState"], LotStep[]>> = {
  announced: ["arrive", "withdraw"], arrived: ["inspect", "give_back"], inspected: ["stock"], stocked: ["relocate", "scrap", "sell"], returned: ["restock"],
};
const OF_ORDER: Partial<Record<Shape["DispatchState"], OrderStep[]>> = { ordered: ["issue", "call_off"], issued: ["load"], in_transit: ["receive"] };

export const stepsOfLot = (state: Shape["LotState"]): LotStep[] => OF_STATE[state] ?? [];
export const stepsOfOrder = (state: Shape["DispatchState"]): OrderStep[] => OF_ORDER[state] ?? [];

/** Steps that take goods away from those they were given for, and so are said with a reason. */
export const needsReason = (step: LotStep | OrderStep): boolean => ["withdraw", "give_back", "scrap", "sell", "call_off"].includes(step);
/** Steps that decide rather than record. */
export const permissionOf = (step: LotStep): "goods_approve" | "goods_record" => (step === "scrap" || step === "sell" ? "goods_approve" : "goods_record");
