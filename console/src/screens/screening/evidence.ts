import type { Shape } from "../../api/client";
import { yuan } from "../../lib/money";
import { moment } from "../../lib/time";
import type { Say } from "../../words";

type Seen = Pick<Shape["HoldOut"], "signal" | "evidence">;
/** What a name that sells something holds; the server's own words for it, beside the words of its lists. */
const SELLING = ["blocked", "address", "digits"] as const;

function ofName({ signal, evidence }: Seen, say: Say): string | null {
  const { word } = evidence;
  if (!word) return null;
  const selling = SELLING.find((known) => known === word);
  if (selling) return say(`evidence.name.${selling}`);
  return say(signal === "round_trip" ? "evidence.related" : "evidence.listed", { word });
}

/** What a hold rests on, a sentence a line: what was seen, when, and from where on it is looked at. */
export function evidenceOf(seen: Seen, say: Say): string[] {
  const { gifts, sum_fen, payers, first_at, last_at, limit, campaign_from } = seen.evidence;
  const has = (value: unknown): value is number => typeof value === "number";
  const lines = [
    ofName(seen, say),
    campaign_from ? say("evidence.early", { day: campaign_from }) : null,
    has(payers) ? say(seen.signal === "round_trip" ? "evidence.phone" : "evidence.payers", { payers }) : null,
    has(gifts) && has(sum_fen) ? say(seen.signal === "same_sum" ? "evidence.same" : seen.signal === "small_burst" ? "evidence.small" : "evidence.many", { gifts, sum: yuan(sum_fen) }) : null,
    first_at && last_at ? say("evidence.span", { from: moment(first_at), to: moment(last_at) }) : null,
    has(limit) ? say("evidence.limit", { limit }) : null,
  ];
  return lines.filter((line) => line !== null);
}
