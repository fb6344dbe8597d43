import { yuan } from "../../lib/money";
import { moment } from "../../lib/time";
import type { Language, Say } from "../../words";
import { CAPS, type Kind, type Rule, factorText, percentText, ratioText } from "./rule";

const MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

/** How the server writes sums and moments in a rule that it publishes. */
function manner(language: Language) {
  const en = language === "en";
  const at = (instant: string): string => {
    const [day = "", clock = ""] = moment(instant).split(" ");
    const [year = "", month = "1", date = "1"] = day.split("-");
    return en ? `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}, ${clock} Beijing time` : `${year}\u5e74${Number(month)}\u6708${Number(date)}\u65e5 ${clock}`;
  };
  const day = (on: string): string => {
    const [year = "", month = "1", date = "1"] = on.split("-");
    return en ? `${Number(date)} ${MONTHS[Number(month) - 1]} ${year}` : `${year}\u5e74${Number(month)}\u6708${Number(date)}\u65e5`;
  };
  return { at, day, sum: (fen: number): string => (en ? `¥${yuan(fen)}` : `${yuan(fen)} \u5143`) };
}

function kindWords(kind: Kind, say: Say, sum: (fen: number) => string): string {
  switch (kind.kind) {
    case "ratio":
      return say("match.rule.ratio", { ratio: ratioText(kind.permille) });
    case "tiers":
      return say("match.rule.tiers", { tiers: kind.tiers.map((tier) => say("match.rule.tier", { from: sum(tier.from_fen), ratio: ratioText(tier.permille) })).join("; ") });
    case "per_action":
      return say("match.rule.per_action", { sum: sum(kind.each_fen) });
    case "random":
      return say("match.rule.random", { from: sum(kind.from_fen), to: sum(kind.to_fen), chance: `${percentText(kind.chance_permille)}%` });
    case "proportional":
      return say("match.rule.proportional");
    case "quadratic":
      return say("match.rule.quadratic", { share: `${percentText(kind.project_permille_max)}%` });
  }
}

const payerWords = (kind: string) =>
  kind === "organisation" ? "match.rule.payer_organisation"
    : kind === "monthly" ? "match.rule.payer_monthly"
      : kind === "monthly_organisation" ? "match.rule.payer_monthly_organisation" : "match.rule.payer_person";

/** A rule in the words in which it will be published, a sentence a line, in the server's order. */
export function ruleWords(rule: Rule, say: Say, language: Language, channel: (word: string) => string): string[] {
  const { at, day, sum } = manner(language);
  const { eligible, base, window } = rule;
  const [bonus] = rule.bonus;
  const lines: (string | false | undefined)[] = [
    kindWords(rule.kind, say, sum),
    ...window.spans.map((span) => say("match.rule.span", { from: at(span.from), to: at(span.to) })),
    window.daily && say("match.rule.daily", window.daily),
    base.minimum_fen > 0 && say("match.rule.minimum", { sum: sum(base.minimum_fen) }),
    typeof base.ignore_above_fen === "number" && say("match.rule.ignore_above", { sum: sum(base.ignore_above_fen) }),
    eligible.projects.length > 0 && say("match.rule.projects", { projects: eligible.projects.join(", ") }),
    eligible.counties && eligible.counties.length > 0 && say("match.rule.counties", { counties: eligible.counties.join(", ") }),
    eligible.channels.length > 0 && say("match.rule.channels", { channels: eligible.channels.map(channel).join(", ") }),
    ...eligible.payer_kinds.map((kind) => say(payerWords(kind))),
    eligible.payers === "known" && say("match.rule.known"),
    eligible.payers === "first_gift" && say("match.rule.first_gift"),
    eligible.excluded.length > 0 && say("match.rule.excluded", { count: eligible.excluded.length }),
    bonus && say("match.rule.bonus", { ratio: factorText(bonus.permille), from: sum(bonus.from_fen) }),
    ...CAPS.map((cap) => {
      const most = rule.caps[`${cap}_fen`];
      return typeof most === "number" && say("match.rule.cap", { cap: say(`match.cap.${cap}`), sum: sum(most) });
    }),
    ...(rule.caps.pool_days ?? []).map((share) => say("match.rule.pool_on_day", { day: day(share.on), sum: sum(share.most_fen) })),
    typeof rule.hold_from_fen === "number" && say("match.rule.hold", { sum: sum(rule.hold_from_fen) }),
    say(rule.partial === "allowed" ? "match.rule.partial" : "match.rule.whole"),
    rule.stacking === "alone" && say("match.rule.alone"),
    say(rule.on_refund === "to_sponsor" ? "match.rule.refund_sponsor" : "match.rule.refund_pool"),
    say("match.rule.not_guaranteed"),
  ];
  return lines.filter((line) => typeof line === "string");
}
