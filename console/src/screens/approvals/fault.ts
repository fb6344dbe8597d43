import type { Policy } from "../../api/approvals";
import type { Word } from "../../words";

/** A place in a policy that the server found wanting: `stages.finance.limit_s`. */
export type Fault = { stage: string | null; part: string };

/** The place that a problem names; nothing when it names none of the document. */
export function faultOf(field: string | null): Fault | null {
  if (!field) return null;
  const [head, key, ...rest] = field.replace(/^policy\./, "").split(".");
  if (head !== "stages") return { stage: null, part: [head, key, ...rest].filter(Boolean).join(".") };
  if (key === undefined || key === "key" || key === "people") return { stage: null, part: `stages${key ? `.${key}` : ""}` };
  return { stage: key, part: rest[0] ?? "key" };
}

/** What is expected there, in the reader's words; the server's reason is in English. */
const EXPECTED: Record<string, Word> = {
  title: "approvals.expected.title", stages: "approvals.expected.stages", "stages.key": "approvals.expected.key", "stages.people": "approvals.expected.people",
  key: "approvals.expected.own_key", after: "approvals.expected.after", limit_s: "approvals.expected.limit", who: "approvals.expected.who", deputy: "approvals.expected.who",
  papers: "approvals.expected.papers", how: "approvals.expected.how", draw: "approvals.expected.draw", sheet: "approvals.expected.sheet",
  "fast_lane.stages": "approvals.expected.lane_stages", "fast_lane.papers_within_s": "approvals.expected.limit", subject_kind: "approvals.expected.key",
};
export const expectedAt = (fault: Fault): Word | null => EXPECTED[fault.part] ?? null;

/** How a document is written down for the editor. */
export const written = (policy: unknown): string => JSON.stringify(policy, null, 2);

/** The line of a place in a document as it is written down, from 1: of the nearest thing around it that is there. */
export function lineOf(policy: Policy, fault: Fault): number {
  const stage = fault.stage === null ? [] : ["stages", String(policy.stages.findIndex((one) => one.key === fault.stage))];
  const path = [...stage, ...(fault.part === "stages.key" || fault.part === "stages.people" ? ["stages"] : fault.part.split("."))];
  let [value, line]: [unknown, number] = [policy, 1];
  for (const step of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, step)) break;
    const all = Object.entries(value);
    const before = all.slice(0, all.findIndex(([key]) => key === step));
    line += before.reduce((lines, [, one]) => lines + written(one).split("\n").length, 1);
    value = (value as Record<string, unknown>)[step];
  }
  return line;
}

/** A document from text; where it is not JSON, the line. */
export function parsed(text: string): { policy: Policy } | { line: number | null } {
  try {
    return { policy: JSON.parse(text) as Policy };
  } catch (error) {
    const said = error instanceof Error ? error.message : "";
    const line = /line (\d+)/.exec(said)?.[1];
    const place = /position (\d+)/.exec(said)?.[1];
    if (line) return { line: Number(line) };
    return { line: place ? text.slice(0, Number(place)).split("\n").length : null };
  }
}
