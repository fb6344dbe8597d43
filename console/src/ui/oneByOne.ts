import { type ApiProblem, asProblem } from "../api/problem";

/** What became of one of several: it was done, refused with words, asked without an answer, or not tried since the way to the house was cut. */
export type Outcome<T> = { row: T; fate: "done" } | { row: T; fate: "refused"; problem: ApiProblem } | { row: T; fate: "unsure" } | { row: T; fate: "left" };

/** As many as one looks at before deciding; more are decided in a second round. */
export const AT_ONCE_MAX = 50;
/** Nobody there, or nobody signed in: asking for the next would end alike. */
const isCut = (problem: ApiProblem): boolean => problem.status === 0 || problem.status === 401;

/** Does the same to several, each by its own request and one after the other: what one refuses keeps none of the others back. */
export async function oneByOne<T>(rows: readonly T[], decide: (row: T) => Promise<unknown>, tell: (done: number) => void): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = [];
  let cut = false;
  for (const row of rows) {
    if (cut) {
      outcomes.push({ row, fate: "left" });
      continue;
    }
    try {
      await decide(row);
      outcomes.push({ row, fate: "done" });
    } catch (error) {
      const problem = asProblem(error);
      cut = isCut(problem);
      // Without an answer nobody knows here: the house may have done it, and only the answer was lost.
      outcomes.push(problem.status === 0 ? { row, fate: "unsure" } : { row, fate: "refused", problem });
    }
    tell(outcomes.length);
  }
  return outcomes;
}

/** Whether a row may be picked beside those that are: one kind at a time, and no more than one looks at. */
export function mayJoin<T>(picked: readonly T[], row: T, kindOf: (row: T) => string): boolean {
  const [first] = picked;
  return picked.length < AT_ONCE_MAX && (first === undefined || kindOf(first) === kindOf(row));
}
