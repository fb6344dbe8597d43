import { usePiles } from "./piles";
import { isBlocked } from "./tasks";

/** How much waits for this person: what they cannot decide themselves is not counted. */
export function useWorkCount(): number {
  const tasks = usePiles().flatMap((pile) => pile.tasks);
  return tasks.filter((task) => !isBlocked(task)).length;
}
