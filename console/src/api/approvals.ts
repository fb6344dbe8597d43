import { type Shape, api, take, takeList } from "./client";

export type Policy = Shape["ApprovalPolicy"];
export type PolicyOut = Shape["ApprovalPolicyOut"];
export type Spec = Shape["ApprovalStage"];
export type Who = Shape["ApprovalWho"];
export type How = Shape["ApprovalHow"];
export type Paper = Shape["ApprovalPaper"];
export type Person = Shape["ApprovalPersonOut"];
export type Verdict = Shape["ApprovalVerdict"];
export type Stage = Shape["ApprovalStageOut"];
export type Entry = Shape["ApprovalEntryOut"];
export type CaseRow = Shape["ApprovalCaseRowOut"];
export type Case = Shape["ApprovalCaseOut"];
export type Waiting = Shape["ApprovalWaitingOut"];
/** What the live line says. */
export type Live = Shape["ApprovalsWaiting"];

/** Under this key lies everything about approvals: one change, and all of it is read again. */
export const APPROVALS = ["approvals"] as const;
export const LIVE = [...APPROVALS, "live"] as const;
export const WAITING = [...APPROVALS, "waiting"] as const;
export const EVENTS = "/api/v1/approvals/events";

const at = (id: string) => ({ params: { path: { case: id } } });

export const waiting = (): Promise<{ items: Waiting[] }> => takeList(api.GET("/api/v1/approvals/waiting"));
export const policies = (unit: string): Promise<{ items: PolicyOut[] }> => takeList(api.GET("/api/v1/approvals/policies", { params: { query: { unit } } }));
export const readCase = (id: string): Promise<Case> => take(api.GET("/api/v1/approvals/{case}", at(id)));
export const act = (id: string, body: Shape["ApprovalActOnCase"]): Promise<Case> => take(api.POST("/api/v1/approvals/{case}/act", { ...at(id), body }));
export const declareConflict = (id: string, words: string): Promise<Case> => take(api.POST("/api/v1/approvals/{case}/conflict", { ...at(id), body: { words } }));
export const amend = (id: string, body: Shape["ApprovalAmendCase"]): Promise<Case> => take(api.POST("/api/v1/approvals/{case}/amend", { ...at(id), body }));
export const resubmit = (id: string, body: Shape["ApprovalResubmitCase"]): Promise<Case> => take(api.POST("/api/v1/approvals/{case}/resubmit", { ...at(id), body }));
export const handIn = (id: string, papers: Paper[]): Promise<Case> => take(api.POST("/api/v1/approvals/{case}/papers", { ...at(id), body: { papers } }));
export const withdraw = (id: string, words: string): Promise<Case> => take(api.POST("/api/v1/approvals/{case}/withdraw", { ...at(id), body: { words } }));

/** The minutes of a case: a page to print, or plain text. */
export const minutesAt = (id: string, language: string, format: "html" | "text"): string =>
  `/api/v1/approvals/${id}/minutes?${new URLSearchParams({ format, lang: language })}`;
