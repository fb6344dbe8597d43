import { usePiles } from "./piles";

/** How much waits for this person: what they cannot decide themselves is not counted. */
export function useWorkCount(): number {
  const tasks = usePiles().flatMap((pile) => pile.tasks);
  return tasks.filter((task) => task.choices.length === 0 || task.choices.some((choice) => !choice.why)).length;
}
