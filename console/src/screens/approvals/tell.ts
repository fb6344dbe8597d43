import type { How, Policy, Spec, Who } from "../../api/approvals";
import type { Language, Say } from "../../words";
import { limitWords } from "./clock";

/** What a stage is taken to say where its document says nothing: the ten minutes. */
export const LIMIT_S_DEFAULT = 600;

/** How words of a policy are told: the language, and words that the server uses. */
export type Telling = { say: Say; name: (group: string, word: string) => string; language: Language };

/** Things one after the other, as the language joins them. */
export const listed = (all: readonly string[], language: Language): string => new Intl.ListFormat(language, { type: "conjunction" }).format(all);

/** The name in the reader's language, where there is one. */
export const titled = (one: { title: string; title_en?: string | null }, language: Language): string => (language === "en" && one.title_en ? one.title_en : one.title);

export function tellWho(who: Who, { say, name, language }: Telling): string {
  switch (who.kind) {
    case "role":
      return say(`approvals.who.${who.at}`, { role: name("role", who.role) });
    case "people":
      return say("approvals.who.people", { people: listed(who.people, language) });
    case "committee":
      return say("approvals.who.committee", { name: who.name, people: listed(who.people, language) });
    case "outside":
      return say("approvals.who.outside", { body: who.body, recorder: say(`approvals.who.${who.at}`, { role: name("role", who.recorder) }) });
  }
}

export function tellHow(how: How, sheet: Spec["sheet"], { say }: Telling): string {
  switch (how.kind) {
    case "any":
      return say("approvals.how.any");
    case "all":
      return say("approvals.how.all");
    case "number":
      return say("approvals.how.number", { needed: how.needed });
    case "vote":
      return say("approvals.how.vote", { quorum: say(`approvals.share.${how.quorum}`), majority: say(`approvals.share.${how.majority}`), of: say(`approvals.base.${how.of}`) });
    case "scores":
      return say("approvals.how.scores", { needed: how.needed, pass: how.pass, total: (sheet ?? []).reduce((sum, item) => sum + item.max, 0) });
  }
}

/** One stage in plain sentences: who, how many, when, what else. */
export function tellStage(stage: Spec, policy: Policy, telling: Telling): string[] {
  const { say, name, language } = telling;
  const title = (key: string): string => {
    const found = policy.stages.find((one) => one.key === key);
    return say("approvals.quoted", { title: found ? titled(found, language) : key });
  };
  const after = stage.after ?? [];
  const beside = policy.stages.filter((one) => one.key !== stage.key && sameAfter(one.after ?? [], after));
  const limit = limitWords(stage.limit_s ?? LIMIT_S_DEFAULT, say);
  const lines = [
    after.length > 0 ? say("approvals.tell.after", { stages: listed(after.map(title), language) }) : say("approvals.tell.first"),
    beside.length > 0 ? say("approvals.tell.beside", { stages: listed(beside.map((one) => title(one.key)), language) }) : null,
    say(stage.who.kind === "outside" ? "approvals.tell.outside" : "approvals.tell.who", { who: tellWho(stage.who, telling), how: tellHow(stage.how, stage.sheet, telling) }),
    typeof stage.draw === "number" ? say("approvals.tell.draw", { count: stage.draw }) : null,
    (stage.sheet ?? []).length > 0 ? say("approvals.tell.sheet", { items: listed((stage.sheet ?? []).map((item) => say("approvals.tell.item", { title: titled(item, language), max: item.max })), language) }) : null,
    tellLimit(stage, limit, telling),
    (stage.papers ?? []).length > 0 ? say("approvals.tell.papers", { papers: listed((stage.papers ?? []).map((kind) => name("approvals.paper", kind)), language) }) : null,
    (stage.edits ?? []).length > 0 ? say("approvals.tell.edits", { parts: listed((stage.edits ?? []).map((part) => say(`approvals.part.${part}`)), language) }) : null,
    say(`approvals.tell.back_${stage.send_back ?? "no"}`),
  ];
  return lines.filter((line) => line !== null);
}

function tellLimit(stage: Spec, limit: string, telling: Telling): string {
  const { say } = telling;
  if (!stage.deputy) return say(stage.how.kind === "vote" ? "approvals.tell.limit_vote" : "approvals.tell.limit", { limit });
  const deputy = tellWho(stage.deputy, telling);
  return say(stage.how.kind === "vote" ? "approvals.tell.limit_vote_deputy" : "approvals.tell.limit_deputy", { limit, deputy });
}

function sameAfter(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((key) => other.includes(key));
}

/** What the policy says before its stages: whether it is demanded, and the emergency lane. */
export function tellHead(policy: Policy, { say, language }: Telling): string[] {
  const lane = policy.fast_lane;
  const stages = (lane?.stages ?? []).map((key) => policy.stages.find((one) => one.key === key)).map((one) => (one ? titled(one, language) : ""));
  return [
    say(policy.required ? "approvals.tell.required" : "approvals.tell.not_required"),
    say("approvals.tell.stages", { count: policy.stages.length }),
    lane ? say("approvals.tell.fast_lane", { stages: listed(stages, language), limit: limitWords(lane.papers_within_s, say) }) : say("approvals.tell.no_fast_lane"),
  ];
}
