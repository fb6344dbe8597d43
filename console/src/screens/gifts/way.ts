import type { Shape } from "../../api/client";

type Refund = Pick<Shape["RefundOut"], "state" | "by_case" | "case" | "case_state">;
/** How a refund is decided: by two people; in its case; by a case that must be put first; or it was approved and could not be carried out yet. */
export type Way = "two" | "case" | "owed" | "left";

/** The way of a refund that waits. */
export function wayOf(refund: Refund): Way {
  if (!refund.by_case) return "two";
  if (refund.case_state === "approved") return "left";
  return refund.case && refund.case_state !== "withdrawn" ? "case" : "owed";
}
