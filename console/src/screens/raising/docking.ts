import type { Permission, Shape } from "../../api/client";
import type { Word } from "../../words";

type Docking = Pick<Shape["DockingOut"], "state" | "missing" | "case_state" | "assessment" | "agreement">;
/** What can be done about a partner, and why not now. */
export type DockingStep = { key: "assess" | "agree" | "ask" | "name" | "end"; may: Permission; why: Word | null };

/** What comes next for a partner, the first being the step that presses. */
export function stepsOfDocking(docking: Docking): DockingStep[] {
  const end: DockingStep = { key: "end", may: "campaign_manage", why: null };
  const shut: Word | null = docking.missing.length > 0 ? "docking.why.missing" : null;
  const isAsked = docking.case_state === "open" || docking.case_state === "sent_back";
  if (docking.state === "ended") return [];
  if (docking.state === "named") return [end];
  if (docking.state === "approved") return [{ key: "name", may: "campaign_manage", why: shut }, end];
  if (isAsked) return [{ key: "ask", may: "approval_request", why: "docking.why.asked" }];
  const papers: DockingStep[] = [{ key: "assess", may: "campaign_manage", why: null }, { key: "agree", may: "campaign_manage", why: null }];
  const open = papers.filter((step) => !docking[step.key === "assess" ? "assessment" : "agreement"]);
  const done = papers.filter((step) => !open.includes(step));
  const ask: DockingStep = { key: "ask", may: "approval_request", why: shut };
  return open.length > 0 ? [...open, ask, ...done, end] : [ask, ...done, end];
}
