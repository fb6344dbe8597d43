import type { Shape } from "../../api/client";
import { dayOf, instant, isDay, moment } from "../../lib/time";

/** How much a pool gives; the kinds that the form knows. */
export type Kind =
  | { kind: "ratio"; permille: number }
  | { kind: "tiers"; tiers: { from_fen: number; permille: number }[] }
  | { kind: "per_action"; each_fen: number }
  | { kind: "random"; from_fen: number; to_fen: number; chance_permille: number }
  | { kind: "proportional" }
  | { kind: "quadratic"; project_permille_max: number };
/** The kinds of payers that the form offers: `monthly` is whoever pays by a mandate. */
export const PAYER_KINDS = ["person", "organisation", "monthly"] as const;
export const KINDS = ["ratio", "per_action", "tiers", "random", "proportional", "quadratic"] as const satisfies Kind["kind"][];
/** The caps in the order in which the server applies them; what is left in the pool comes last, always. */
export const CAPS = ["gift", "person_day", "person_project", "person", "project_day", "project", "unit", "pool_day"] as const;
type Cap = (typeof CAPS)[number];
/** The pool’s share of a day that has another than the rest. */
type DayShare = { on: string; most_fen: number };
type Caps = Partial<Record<`${Cap}_fen`, number>> & { pool_days?: DayShare[] };

/** The rule as the server keeps and publishes it. */
export type Rule = {
  eligible: { projects: string[]; counties?: string[]; channels: string[]; payer_kinds: string[]; payers: string; excluded: string[] };
  window: { spans: { from: string; to: string }[]; daily?: { open: string; close: string } };
  base: { minimum_fen: number; ignore_above_fen?: number };
  kind: Kind;
  bonus: { permille: number; from_fen: number; projects: string[] }[];
  round_to_fen: number;
  caps: Caps;
  partial: "allowed" | "whole_or_nothing";
  stacking: "adds" | "alone";
  on_refund: "to_pool" | "to_sponsor";
  hold_from_fen?: number;
};
/** What stands in the form; sums in fen, ratios and shares as typed. */
export type Entered = {
  kind: Kind["kind"];
  ratio?: string;
  tiers?: { from_fen?: number; ratio?: string }[];
  each_fen?: number;
  from_fen?: number;
  to_fen?: number;
  chance?: string;
  share?: string;
  from_day?: string;
  from_time?: string;
  to_day?: string;
  to_time?: string;
  open?: string;
  close?: string;
  minimum_fen?: number | null;
  ignore_above_fen?: number | null;
  caps?: Partial<Record<`${Cap}_fen`, number | null>>;
  pool_days?: { on?: string; most_fen?: number }[];
  projects?: string[];
  counties?: string[];
  channels?: string[];
  payer_kind?: string | null;
  payers?: string;
  bonus?: string;
  bonus_from_fen?: number | null;
  round_to_fen?: string;
  hold_from_fen?: number | null;
  whole?: boolean;
  alone?: boolean;
  to_sponsor?: boolean;
  excluded_phones?: string;
  excluded_payers?: string;
};

/** To what a match may be rounded down. */
export const ROUNDS = ["1", "10", "100"] as const;
const THOUSAND = 1000;

function scaled(text: string | undefined, places: number): number | null {
  const found = /^(\d{1,6})(?:\.(\d+))?$/.exec(text?.trim().normalize("NFKC") ?? "");
  if (!found?.[1] || (found[2]?.length ?? 0) > places) return null;
  return Number(found[1] + (found[2] ?? "").padEnd(places, "0"));
}
function unscaled(value: number, places: number): string {
  const text = String(value).padStart(places + 1, "0");
  return `${text.slice(0, -places)}.${text.slice(-places)}`.replace(/\.?0+$/, "");
}
/** `0.5` yuan for each yuan, in thousandths; null when it is no ratio with at most three decimals. */
export const permilleOfRatio = (text: string | undefined): number | null => scaled(text, 3);
/** `12.5` per cent, in thousandths; null when it is none with at most one decimal. */
export const permilleOfPercent = (text: string | undefined): number | null => scaled(text, 1);
export const ratioText = (permille: number): string => unscaled(permille, 3);
export const percentText = (permille: number): string => unscaled(permille, 1);

/** A time of day as the server reads it, to the end of the day. */
export const isClock = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$|^24:00$/.test(text);

const NEXT_DAY_MS = 24 * 60 * 60 * 1000;
/** A moment of the form; `24:00` is the next day's beginning. */
function momentOf(day: string | undefined, time: string | undefined): string | null {
  if (!day || !isDay(day) || !time || !isClock(time)) return null;
  return time === "24:00" ? instant(dayOf(new Date(new Date(instant(day, "12:00")).getTime() + NEXT_DAY_MS)), "00:00") : instant(day, time);
}

const isSum = (fen: number | null | undefined): fen is number => typeof fen === "number" && Number.isSafeInteger(fen) && fen > 0;
const ofSum = <Key extends string>(key: Key, fen: number | null | undefined) => (isSum(fen) ? ({ [key]: fen } as Record<Key, number>) : {});

/** The named days in their order; null while one of them is not complete or stands there twice. */
function daysOf(entered: Entered): DayShare[] | null {
  const told = entered.pool_days ?? [];
  const whole = told.filter((day): day is DayShare => isDay(day?.on ?? "") && isSum(day.most_fen)).sort((one, other) => one.on.localeCompare(other.on));
  const isTwice = whole.some((day, at) => day.on === whole[at - 1]?.on);
  return whole.length === told.length && !isTwice ? whole : null;
}

function kindOf(entered: Entered): Kind | null {
  switch (entered.kind) {
    case "ratio": {
      const permille = permilleOfRatio(entered.ratio);
      return permille ? { kind: "ratio", permille } : null;
    }
    case "tiers": {
      const tiers = (entered.tiers ?? []).map((tier) => ({ from_fen: tier?.from_fen, permille: permilleOfRatio(tier?.ratio) }));
      const whole = tiers.filter((tier): tier is { from_fen: number; permille: number } => isSum(tier.from_fen) && Boolean(tier.permille));
      return whole.length > 0 && whole.length === tiers.length ? { kind: "tiers", tiers: whole.sort((one, other) => one.from_fen - other.from_fen) } : null;
    }
    case "per_action":
      return isSum(entered.each_fen) ? { kind: "per_action", each_fen: entered.each_fen } : null;
    case "random": {
      const chance_permille = permilleOfPercent(entered.chance);
      const { from_fen, to_fen } = entered;
      return isSum(from_fen) && isSum(to_fen) && chance_permille ? { kind: "random", from_fen, to_fen, chance_permille } : null;
    }
    case "proportional":
      return { kind: "proportional" };
    case "quadratic": {
      const project_permille_max = permilleOfPercent(entered.share);
      return project_permille_max ? { kind: "quadratic", project_permille_max } : null;
    }
    default:
      return null;
  }
}

/** The rule that the form tells, or null while something of it is missing. `before` is what this pool knows already of those it never matches. */
export function ruleOf(entered: Entered, before: string[] = []): Rule | null {
  const kind = kindOf(entered);
  const from = momentOf(entered.from_day, entered.from_time);
  const to = momentOf(entered.to_day, entered.to_time);
  const { open, close } = entered;
  const pool_days = daysOf(entered);
  if (!kind || !from || !to || !pool_days || (open || close ? !open || !close || !isClock(open) || !isClock(close) : false)) return null;
  const bonus = permilleOfPercent(entered.bonus);
  const caps: Caps = Object.assign({}, ...CAPS.map((cap) => ofSum(`${cap}_fen`, entered.caps?.[`${cap}_fen`])));
  return {
    eligible: {
      projects: entered.projects ?? [], ...(entered.counties?.length ? { counties: entered.counties } : {}), channels: entered.channels ?? [], payer_kinds: entered.payer_kind ? [entered.payer_kind] : [],
      payers: entered.payers ?? "any", excluded: before,
    },
    window: { spans: [{ from, to }], ...(open && close ? { daily: { open, close } } : {}) },
    base: { minimum_fen: isSum(entered.minimum_fen) ? entered.minimum_fen : 0, ...ofSum("ignore_above_fen", entered.ignore_above_fen) },
    kind,
    bonus: bonus ? [{ permille: bonus, from_fen: isSum(entered.bonus_from_fen) ? entered.bonus_from_fen : 0, projects: [] }] : [],
    round_to_fen: Number(entered.round_to_fen ?? ROUNDS[0]),
    caps: pool_days.length > 0 ? { ...caps, pool_days } : caps,
    partial: entered.whole ? "whole_or_nothing" : "allowed",
    stacking: entered.alone ? "alone" : "adds",
    on_refund: entered.to_sponsor ? "to_sponsor" : "to_pool",
    ...ofSum("hold_from_fen", entered.hold_from_fen),
  };
}

/** What the form shows of a rule; null when the rule has more than the form can say (several windows, prizes by score). */
export function enteredOf(rule: Rule): Entered | null {
  const [span, ...spans] = rule.window.spans;
  const [bonus, ...others] = rule.bonus;
  const round = ROUNDS.find((known) => known === String(rule.round_to_fen));
  const isKnown = (KINDS as readonly string[]).includes(rule.kind.kind);
  if (!span || spans.length > 0 || others.length > 0 || (bonus?.projects.length ?? 0) > 0 || !round || !isKnown || rule.eligible.payer_kinds.length > 1) return null;
  if (rule.eligible.payer_kinds.some((payer) => !(PAYER_KINDS as readonly string[]).includes(payer))) return null;
  const [from_day, from_time] = moment(span.from).split(" ");
  const [to_day, to_time] = moment(span.to).split(" ");
  const { kind } = rule;
  const amount: Partial<Entered> =
    kind.kind === "ratio" ? { ratio: ratioText(kind.permille) }
      : kind.kind === "tiers" ? { tiers: kind.tiers.map((tier) => ({ from_fen: tier.from_fen, ratio: ratioText(tier.permille) })) }
        : kind.kind === "per_action" ? { each_fen: kind.each_fen }
          : kind.kind === "random" ? { from_fen: kind.from_fen, to_fen: kind.to_fen, chance: percentText(kind.chance_permille) }
            : kind.kind === "quadratic" ? { share: percentText(kind.project_permille_max) } : {};
  return {
    kind: kind.kind, ...amount, ...ofDays({ from_day, from_time, to_day, to_time }), ...rule.window.daily,
    ...ofSum("minimum_fen", rule.base.minimum_fen), ...ofSum("ignore_above_fen", rule.base.ignore_above_fen),
    caps: rule.caps, ...(rule.caps.pool_days ? { pool_days: rule.caps.pool_days } : {}), projects: rule.eligible.projects, counties: rule.eligible.counties ?? [], channels: rule.eligible.channels, payers: rule.eligible.payers,
    ...(rule.eligible.payer_kinds[0] ? { payer_kind: rule.eligible.payer_kinds[0] } : {}),
    ...(bonus ? { bonus: percentText(bonus.permille), ...ofSum("bonus_from_fen", bonus.from_fen) } : {}),
    round_to_fen: round, ...ofSum("hold_from_fen", rule.hold_from_fen),
    whole: rule.partial === "whole_or_nothing", alone: rule.stacking === "alone", to_sponsor: rule.on_refund === "to_sponsor",
  };
}

const ofDays = (all: Record<string, string | undefined>): Partial<Entered> =>
  Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as Partial<Entered>;

const listed = (text: string | undefined): string[] => (text ?? "").split(/[\n,，;；\s]+/).map((one) => one.trim()).filter(Boolean);

/** The request: the rule, and the telephones and payers it never matches, which the server keeps only as what this pool knows them by. */
export function bodyOf(entered: Entered, before: string[]): Shape["WriteRule"] | null {
  const rule = ruleOf(entered, before);
  if (!rule) return null;
  // openapi.json says no more of a rule than that it is an object.
  return { rule: rule as unknown as Shape["WriteRule"]["rule"], excluded_phones: listed(entered.excluded_phones), excluded_payers: listed(entered.excluded_payers) };
}

/** Thousandths as people write a factor: `1.05`. */
export const factorText = (permille: number): string => ratioText(THOUSAND + permille);
