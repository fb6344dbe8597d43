import { type Shape, api, take } from "../../api/client";
import type { Deed } from "../../ui/Decide";
import type { Say } from "../../words";

/** Clear or keep, for one gift or for what one source gave together; each with what was looked at and found. `left` is told how many others had decided before. */
export function decisions(say: Say, gifts: string[], state: string, left?: (count: number) => void): Deed[] {
  const decide = (decision: Shape["Decision"]) => async (reason: string): Promise<void> => {
    const [gift, ...others] = gifts;
    if (gift && others.length === 0) {
      await api.POST("/api/v1/screening/holds/{gift}/decision", { params: { path: { gift } }, body: { decision, reason } });
      return;
    }
    const answer = await take(api.POST("/api/v1/screening/decisions", { body: { gifts, decision, reason } }));
    if (answer.left.length > 0) left?.(answer.left.length);
  };
  const found = say("holds.found");
  const clear: Deed = { key: "clear", label: say("holds.clear"), look: "primary", note: found, done: say("holds.cleared"), run: decide("clear") };
  const keep: Deed = { key: "keep", label: say("holds.keep"), look: "danger", note: found, done: say("holds.kept"), run: decide("keep") };
  if (state === "waiting") return [clear, keep];
  return state === "kept" ? [clear] : [];
}
