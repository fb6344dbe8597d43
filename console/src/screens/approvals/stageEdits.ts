import type { How, Policy, Spec, Who } from "../../api/approvals";
import { LIMIT_S_DEFAULT } from "./tell";

/** Roles that may decide: administrators and machines run the house and decide about nothing in it. */
export const DECIDERS = ["leader", "fundraising_officer", "finance_officer", "storekeeper", "donation_desk"] as const;

/** A change of who decides to another kind, with the first sensible rest. */
export function whoOf(kind: Who["kind"]): Who {
  switch (kind) {
    case "role":
      return { kind, role: "leader", at: "own" };
    case "people":
      return { kind, people: [] };
    case "committee":
      return { kind, name: "", people: [] };
    case "outside":
      return { kind, body: "", recorder: "fundraising_officer", at: "own" };
  }
}

/** A change of how many must agree to another kind. */
export function howOf(kind: How["kind"]): How {
  switch (kind) {
    case "number":
      return { kind, needed: 2 };
    case "vote":
      return { kind, quorum: "two_thirds", majority: "more_than_half", of: "members" };
    case "scores":
      return { kind, needed: 2, pass: 60 };
    default:
      return { kind };
  }
}

/** A stage with another way of deciding: a sheet belongs to scores alone. */
export const withHow = (stage: Spec, how: How): Spec =>
  how.kind === "scores" ? { ...stage, how, sheet: (stage.sheet ?? []).length > 0 ? stage.sheet : [{ key: "need", title: "", max: 100 }] } : { ...stage, how, sheet: [] };

/** A stage with other people: an outside body speaks with one voice. */
export const withWho = (stage: Spec, who: Who): Spec => (who.kind === "outside" ? withHow({ ...stage, who }, { kind: "any" }) : { ...stage, who });

/** A word that no stage has yet. */
function freeKey(policy: Policy): string {
  const used = new Set(policy.stages.map((stage) => stage.key));
  for (let n = policy.stages.length + 1; ; n++) if (!used.has(`stage_${n}`)) return `stage_${n}`;
}

/** One more stage, after the last. */
export function withStage(policy: Policy): Policy {
  const last = policy.stages.at(-1);
  const stage: Spec = { key: freeKey(policy), title: "", title_en: "", after: last ? [last.key] : [], who: whoOf("role"), how: { kind: "any" }, limit_s: LIMIT_S_DEFAULT };
  return { ...policy, stages: [...policy.stages, stage] };
}

/** Without a stage: those after it stand after what stood before it. */
export function withoutStage(policy: Policy, at: number): Policy {
  const gone = policy.stages[at];
  if (!gone) return policy;
  const stages = policy.stages.filter((_, place) => place !== at).map((stage) =>
    (stage.after ?? []).includes(gone.key) ? { ...stage, after: [...new Set((stage.after ?? []).flatMap((key) => (key === gone.key ? (gone.after ?? []) : [key])))] } : stage);
  const lane = policy.fast_lane;
  return { ...policy, stages, ...(lane ? { fast_lane: { ...lane, stages: lane.stages.filter((key) => key !== gone.key) } } : {}) };
}

/** With a stage changed; where its word changed, those that name it follow. */
export function withChanged(policy: Policy, at: number, next: Spec): Policy {
  const before = policy.stages[at]?.key;
  const renamed = (key: string) => (key === before ? next.key : key);
  const stages = policy.stages.map((stage, place) => (place === at ? next : { ...stage, ...(stage.after ? { after: stage.after.map(renamed) } : {}) }));
  const lane = policy.fast_lane;
  return { ...policy, stages, ...(lane ? { fast_lane: { ...lane, stages: lane.stages.map(renamed) } } : {}) };
}
