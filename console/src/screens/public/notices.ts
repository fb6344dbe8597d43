import type { Permission } from "../../api/client";
import type { Draft, StaffNotice, Texts } from "../../api/notices";

/** What is typed into the form of a draft. */
export type Entered = { unit: string; kind: Draft["kind"]; project?: string | undefined; campaign?: string | undefined; title: string; body: string; title_en?: string | undefined; body_en?: string | undefined };
export type NoticeStep = { key: "ask" | "edit" | "files" | "drop" | "correct" | "withdraw"; may: Permission };

/** What can be done about a notice now, what presses most first. */
export function stepsOfNotice({ notice, case_state }: Pick<StaffNotice, "notice" | "case_state">): NoticeStep[] {
  if (notice.state === "published") return [{ key: "correct", may: "approval_request" }, { key: "withdraw", may: "approval_decide" }];
  if (notice.state !== "draft" || isDecided(case_state)) return [];
  return [
    { key: "ask", may: "approval_request" }, { key: "edit", may: "approval_request" },
    { key: "files", may: "approval_request" }, { key: "drop", may: "approval_request" },
  ];
}

/** Whether a case decides about a draft, or has approved it: until it is published nobody changes it. */
export const isDecided = (state: StaffNotice["case_state"]): boolean => state === "open" || state === "sent_back" || state === "approved";

/** A draft from what was typed; empty English is no English. */
export function draftFrom(entered: Entered): Draft {
  const texts: Texts = { title: entered.title, body: entered.body, title_en: entered.title_en ?? "", body_en: entered.body_en ?? "" };
  return { kind: entered.kind, texts, ...(entered.project ? { project: entered.project } : {}), ...(entered.campaign ? { campaign: entered.campaign } : {}) };
}

/** What is typed, from a draft. */
export function enteredFrom({ notice }: Pick<StaffNotice, "notice">): Entered {
  const { texts } = notice;
  return {
    unit: notice.unit, kind: notice.kind, title: texts.title, body: texts.body,
    ...(notice.project ? { project: notice.project } : {}), ...(notice.campaign ? { campaign: notice.campaign } : {}),
    ...(texts.title_en ? { title_en: texts.title_en, body_en: texts.body_en } : {}),
  };
}
