import { useQueryClient } from "@tanstack/react-query";
import { type Shape, api } from "../../api/client";
import { ApiProblem } from "../../api/problem";
import { useProjects } from "../../ui/lists";
import { type Field, QuickForm } from "../../ui/QuickForm";
import { type Say, useLanguage, useSay, useWord } from "../../words";
import { CAPS, type Entered, KINDS, PAYER_KINDS, ROUNDS, type Rule, bodyOf, enteredOf, isClock, permilleOfPercent, permilleOfRatio, ruleOf } from "./rule";
import { ruleWords } from "./words";

const CHANNELS = ["wechat", "alipay", "unionpay", "bank", "cash", "platform", "notice"] as const;
const PAYERS = ["any", "known", "first_gift"] as const;
const START: Entered = { kind: "ratio", ratio: "1", from_time: "00:00", to_time: "24:00", payers: "any", round_to_fen: "1" };

function amountFields(kind: Entered["kind"] | undefined, say: Say): Field[] {
  const ratio = (text: string) => (permilleOfRatio(text) ? null : say("rule.ratio_wrong"));
  const percent = (text: string) => (permilleOfPercent(text) ? null : say("rule.percent_wrong"));
  switch (kind) {
    case "ratio":
      return [{ name: "ratio", label: say("rule.ratio"), hint: say("rule.ratio_hint"), wrong: ratio }];
    case "tiers":
      return [{
        name: "tiers", kind: "lines", label: say("rule.tiers"), hint: say("rule.tiers_hint"),
        lines: [{ name: "from_fen", kind: "money", label: say("rule.tier_from") }, { name: "ratio", label: say("rule.ratio"), wrong: ratio }],
      }];
    case "per_action":
      return [{ name: "each_fen", kind: "money", label: say("rule.each") }];
    case "random":
      return [
        { name: "from_fen", kind: "money", label: say("rule.random_from") }, { name: "to_fen", kind: "money", label: say("rule.random_to") },
        { name: "chance", label: say("rule.chance"), hint: say("rule.chance_hint"), wrong: percent },
      ];
    case "quadratic":
      return [{ name: "share", label: say("rule.share"), hint: say("rule.share_hint"), wrong: percent }];
    default:
      return [];
  }
}

function windowFields(say: Say): Field[] {
  const clock = (text: string) => (isClock(text) ? null : say("rule.clock_wrong"));
  return [
    { name: "from_day", kind: "day", label: say("rule.from_day"), group: say("rule.group_window") }, { name: "from_time", label: say("rule.from_time"), wrong: clock },
    { name: "to_day", kind: "day", label: say("rule.to_day") }, { name: "to_time", label: say("rule.to_time"), wrong: clock },
    { name: "open", label: say("rule.open"), optional: true, hint: say("rule.daily_hint"), wrong: clock }, { name: "close", label: say("rule.close"), optional: true, wrong: clock },
  ];
}

type RuleFormProps = { pool: Shape["PoolOut"]; after: () => void; close: () => void };

/** The rule of a pool as a form, with the sentences in which it will be published. */
export function RuleForm({ pool, after, close }: RuleFormProps) {
  const say = useSay();
  const name = useWord();
  const language = useLanguage();
  const queries = useQueryClient();
  const projects = useProjects() ?? [];
  const rule = (pool.rule ?? null) as unknown as Rule | null;
  const before = rule?.eligible.excluded ?? [];
  const many = (label: string, fieldName: string, options: { value: string; label: string }[], hint: string): Field => ({ name: fieldName, kind: "many", label, options, optional: true, hint });
  const optionalSum = (fieldName: string | string[], label: string): Field => ({ name: fieldName, kind: "money", label, optional: true });
  const named = new Map(projects.map((project) => [project.region_code, project.unit_short_name]));
  // What the rule names stays a choice also where no project lies there any more.
  const codes = [...new Set([...named.keys(), ...(rule?.eligible.counties ?? [])])].sort();
  const counties = codes.map((value) => ({ value, label: named.has(value) ? `${named.get(value)} · ${value}` : value }));
  const fields = (entered: Partial<Entered>): Field[] => [
    { name: "kind", kind: "choice", label: say("rule.kind"), options: KINDS.map((value) => ({ value, label: say(`rule_kind.${value}`) })) },
    ...amountFields(entered.kind, say),
    ...windowFields(say),
    { ...optionalSum("minimum_fen", say("rule.minimum")), group: say("rule.group_amount") }, optionalSum("ignore_above_fen", say("rule.ignore_above")),
    { name: "round_to_fen", kind: "choice", label: say("rule.round"), options: ROUNDS.map((value) => ({ value, label: say(`rule_round.${value}`) })) },
    ...CAPS.map((cap, at): Field => ({ ...optionalSum(["caps", `${cap}_fen`], say(`match.cap.${cap}`)), ...(at === 0 ? { group: say("rule.group_caps"), hint: say("rule.caps_hint") } : {}) })),
    {
      name: "pool_days", kind: "lines", label: say("rule.pool_days"), hint: say("rule.pool_days_hint"), optional: true,
      lines: [{ name: "on", kind: "day", label: say("rule.pool_day") }, { name: "most_fen", kind: "money", label: say("rule.pool_day_most") }],
    },
    { ...many(say("rule.projects"), "projects", projects.map((project) => ({ value: project.code, label: `${project.title} · ${project.code}` })), say("rule.all_hint")), group: say("rule.group_who") },
    many(say("rule.counties"), "counties", counties, say("rule.counties_hint")),
    many(say("rule.channels"), "channels", CHANNELS.map((value) => ({ value, label: name("channel", value) })), say("rule.all_hint")),
    { name: "payer_kind", kind: "choice", label: say("rule.payer_kind"), optional: true, options: PAYER_KINDS.map((value) => ({ value, label: say(`payer_kind.${value}`) })) },
    { name: "payers", kind: "choice", label: say("rule.payers"), options: PAYERS.map((value) => ({ value, label: say(`rule_payers.${value}`) })) },
    { name: "excluded_phones", kind: "area", label: say("rule.excluded_phones"), optional: true, hint: say("rule.excluded_hint", { count: before.length }) },
    { name: "excluded_payers", kind: "area", label: say("rule.excluded_payers"), optional: true },
    { name: "bonus", label: say("rule.bonus"), optional: true, group: say("rule.group_more"), hint: say("rule.bonus_hint"), wrong: (text) => (permilleOfPercent(text) ? null : say("rule.percent_wrong")) },
    optionalSum("bonus_from_fen", say("rule.bonus_from")),
    { ...optionalSum("hold_from_fen", say("rule.hold_from")), hint: say("rule.hold_hint") },
    { name: "whole", kind: "check", label: say("rule.whole") }, { name: "alone", kind: "check", label: say("rule.alone") }, { name: "to_sponsor", kind: "check", label: say("rule.to_sponsor") },
  ];
  const preview = (entered: Partial<Entered>) => {
    const told = ruleOf({ ...START, ...entered }, before);
    if (!told) return say("rule.preview_none");
    return <><b>{say("rule.preview")}</b><ul data-preview>{ruleWords(told, say, language, (word) => name("channel", word)).map((line) => <li key={line}>{line}</li>)}</ul></>;
  };
  const submit = async (entered: Entered) => {
    const body = bodyOf(entered, before);
    // What no single field can refuse: no tier at all, an opening without a closing.
    if (!body) throw new ApiProblem("rule-incomplete", 0, say("rule.incomplete"), say("rule.incomplete_detail"), null, null);
    await api.PUT("/api/v1/match/pools/{code}/rule", { params: { path: { code: pool.code } }, body });
    await queries.invalidateQueries({ queryKey: ["pools"] });
  };
  return <QuickForm<Entered> fields={fields} initial={(rule && enteredOf(rule)) ?? START} effect={preview} button={say("rule.save")} done={say("saved")} submit={submit} after={after} cancel={close} />;
}
