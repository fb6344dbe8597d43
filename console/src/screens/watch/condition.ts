import type { Condition } from "../../api/supervision";
import { yuan } from "../../lib/money";
import type { Say } from "../../words";

/** What is typed into the form of a rule; what its condition does not need is absent. */
export type EnteredRule = {
  unit: string; title: string; kind: Condition["kind"]; over_fen?: number; when?: "requested" | "approved";
  over_percent?: number; project?: string; item?: string; from_hour?: number; to_hour?: number;
};

const HOURS = { from: 8, to: 18 };

/** A condition from what was typed: the server's words, and nothing that it does not ask for. */
export function conditionFrom(entered: EnteredRule): Condition {
  const { kind } = entered;
  switch (kind) {
    case "refund_over":
    case "payout_over": return { kind, over_fen: entered.over_fen ?? 0, when: entered.when ?? "approved" };
    case "expenditure_over": return { kind, over_fen: entered.over_fen ?? 0 };
    case "spending_share": return { kind, over_percent: entered.over_percent ?? 100, ...(entered.project ? { project: entered.project } : {}) };
    case "goods_out_of_hours": return { kind, from_hour: entered.from_hour ?? HOURS.from, to_hour: entered.to_hour ?? HOURS.to, ...(entered.item?.trim() ? { item: entered.item.trim() } : {}) };
    default: return { kind };
  }
}

/** A condition in a sentence. */
export function sentence(say: Say, condition: Condition): string {
  switch (condition.kind) {
    case "refund_over":
    case "payout_over": return say(`supervision.says.${condition.kind}`, { sum: yuan(condition.over_fen), when: say(`supervision.when.${condition.when}`) });
    case "expenditure_over": return say("supervision.says.expenditure_over", { sum: yuan(condition.over_fen) });
    case "spending_share": return say("supervision.says.spending_share", { percent: condition.over_percent });
    case "goods_out_of_hours": return say("supervision.says.goods_out_of_hours", { from: condition.from_hour, to: condition.to_hour });
    default: return say(`supervision.says.${condition.kind}`);
  }
}
