import type { Permission, Shape } from "../../api/client";
import type { Word } from "../../words";

/** What can be done to a campaign or a project, in the order of its life. */
export type Step = {
  key: "file" | "give_back" | "change" | "list" | "emergency" | "open" | "target" | "news" | "end" | "settle" | "ask_admission" | "ask_raise";
  may: Permission;
  label: Word;
  /** Why it cannot be done today. */
  why?: Word;
};

const isBefore = (day: string, other: string): boolean => day < other;

/** A campaign with what wants someone's eye, where that was read. */
export type Warned = Shape["CampaignOut"] & { warnings?: Shape["Warning"][] };

/** The steps of a campaign on a business day. What the state rules out is not offered; what only has to wait says so. */
export function stepsOfCampaign({ state, plan, online, emergency_event, warnings }: Warned, today: string): Step[] {
  const outside: { why?: Word } = isBefore(today, plan.starts_on) ? { why: "step.too_early" } : isBefore(plan.ends_on, today) ? { why: "step.too_late" } : {};
  const unlisted = warnings?.includes("online_without_platform") ?? false;
  const waits: { why?: Word } = unlisted && !outside.why ? { why: "step.open_needs_platform" } : outside;
  const list: Step[] = online ? [{ key: "list", may: "campaign_manage", label: "step.list" }] : [];
  const file: Step = { key: "file", may: "campaign_file", label: "step.file" };
  const change: Step = { key: "change", may: "campaign_file", label: "step.change" };
  switch (state) {
    case "draft":
      return [file, ...list, { key: "emergency", may: "campaign_file", label: "step.emergency", ...waits }];
    case "filed": {
      const open: Step = { key: "open", may: "campaign_file", label: "step.open", ...waits };
      const giveBack: Step = { key: "give_back", may: "campaign_file", label: "step.give_back" };
      return [...(unlisted ? [...list, open] : [open, ...list]), change, giveBack];
    }
    case "returned":
      return [change, { ...file, label: "step.file_again" }];
    case "open":
    case "full":
      return [...(emergency_event ? [file] : []), { key: "target", may: "campaign_manage", label: "step.target" }, ...list, change, { key: "end", may: "campaign_manage", label: "step.end" }];
    case "ended":
      return [{ key: "settle", may: "campaign_manage", label: "step.settle" }];
    default:
      return [];
  }
}

/** How a project stands with an approval: whether its unit demands one, whether one is under way, whether one was given. */
export type Approval = { demanded: boolean; going: boolean; approved: boolean };
const FREE: Approval = { demanded: false, going: false, approved: false };

/** The steps of a project; where its unit demands an approval, asking comes first. */
export function stepsOfProject({ state, general }: Pick<Shape["ProjectOut"], "state" | "general">, admission = FREE, raise = FREE): Step[] {
  const news: Step = { key: "news", may: "project_manage", label: "step.news" };
  const going = (approval: Approval): { why?: Word } => (approval.going ? { why: "step.asked_already" } : {});
  switch (state) {
    case "draft": {
      const owes = admission.demanded && !admission.approved;
      const open: Step = { key: "open", may: "project_manage", label: "step.open", ...(owes ? { why: "step.open_needs_admission" } : {}) };
      const ask: Step = { key: "ask_admission", may: "approval_request", label: "approvals.ask_admission", ...going(admission) };
      if (admission.approved) return [open];
      return owes ? [ask, open] : [open, ask];
    }
    case "open":
    case "full": {
      if (general) return [news];
      const target: Step = { key: "target", may: "project_manage", label: "step.target", ...(raise.demanded ? { why: "step.target_needs_approval" } : {}) };
      const ask: Step = { key: "ask_raise", may: "approval_request", label: "approvals.ask_raise", ...going(raise) };
      return [news, target, ask, { key: "end", may: "project_manage", label: "step.end" }];
    }
    case "ended":
      return [news, { key: "settle", may: "project_manage", label: "step.settle" }];
    default:
      return [];
  }
}
