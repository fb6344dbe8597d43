import type { Permission, Shape } from "../../api/client";
import type { Word } from "../../words";

/** What can be done to a campaign or a project, in the order of its life. */
export type Step = {
  key: "file" | "emergency" | "open" | "target" | "news" | "end" | "settle";
  may: Permission;
  label: Word;
  /** Why it cannot be done today. */
  why?: Word;
};

const isBefore = (day: string, other: string): boolean => day < other;

/** The steps of a campaign on a business day. What the state rules out is not offered; what only has to wait says so. */
export function stepsOfCampaign({ state, plan }: Shape["CampaignOut"], today: string): Step[] {
  const outside: { why?: Word } = isBefore(today, plan.starts_on) ? { why: "step.too_early" } : isBefore(plan.ends_on, today) ? { why: "step.too_late" } : {};
  switch (state) {
    case "draft":
      return [{ key: "file", may: "campaign_file", label: "step.file" }, { key: "emergency", may: "campaign_file", label: "step.emergency", ...outside }];
    case "filed":
      return [{ key: "open", may: "campaign_file", label: "step.open", ...outside }];
    case "open":
    case "full":
      return [{ key: "target", may: "campaign_manage", label: "step.target" }, { key: "end", may: "campaign_manage", label: "step.end" }];
    case "ended":
      return [{ key: "settle", may: "campaign_manage", label: "step.settle" }];
    default:
      return [];
  }
}

/** The steps of a project. */
export function stepsOfProject({ state, general }: Pick<Shape["ProjectOut"], "state" | "general">): Step[] {
  const news: Step = { key: "news", may: "project_manage", label: "step.news" };
  switch (state) {
    case "draft":
      return [{ key: "open", may: "project_manage", label: "step.open" }];
    case "open":
    case "full":
      return general
        ? [news]
        : [news, { key: "target", may: "project_manage", label: "step.target" }, { key: "end", may: "project_manage", label: "step.end" }];
    case "ended":
      return [news, { key: "settle", may: "project_manage", label: "step.settle" }];
    default:
      return [];
  }
}
