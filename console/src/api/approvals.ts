import { type Shape, api, ask, fetchRaw, take, takeList } from "./client";

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
export type PolicyVersion = Shape["ApprovalPolicyVersionOut"];
export type Filed = Shape["ApprovalFileOut"];
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

export const policyVersions = (kind: string, unit: string | null): Promise<{ items: PolicyVersion[] }> =>
  takeList(api.GET("/api/v1/approvals/policies/{subject_kind}/versions", { params: { path: { subject_kind: kind }, query: unit ? { unit } : {} } }));
export const policyVersion = (kind: string, version: number, unit: string | null): Promise<PolicyOut> =>
  take(api.GET("/api/v1/approvals/policies/{subject_kind}/versions/{version}", { params: { path: { subject_kind: kind, version }, query: unit ? { unit } : {} } }));

/** Keeps a file for the papers of a unit's cases; it is sealed there, and named by its hash. */
export async function handInFile(unit: string, file: Blob): Promise<Filed> {
  const headers = { "content-type": "application/octet-stream" };
  const response = await fetchRaw(`/api/v1/approvals/files?${new URLSearchParams({ unit })}`, { method: "POST", body: file, headers });
  return (await response.json()) as Filed;
}

/** A file that a paper of a case names. */
export const fileAt = (id: string, sha256: string): string => `/api/v1/approvals/${id}/files/${sha256}`;

/** A message in the thread of a case; one that was withdrawn keeps its place without its words. */
export type Message = {
  number: number; at: string; by: Person; is_mine: boolean; words: string | null; file: Filed | null; file_name: string | null;
  withdrawn_by: Person | null; withdrawn_at: string | null;
};
export type ThreadOut = { messages: Message[]; may_write: boolean };
export type NewMessage = { key: string; words: string; sha256?: string; file_name?: string };

const threadAt = (id: string): string => `/api/v1/approvals/${id}/thread`;
export const readThread = (id: string): Promise<ThreadOut> => ask("GET", threadAt(id));
export const writeMessage = (id: string, body: NewMessage): Promise<ThreadOut> => ask("POST", threadAt(id), body);
export const withdrawMessage = (id: string, number: number): Promise<ThreadOut> => ask("POST", `${threadAt(id)}/${number}/withdrawal`);

/** The minutes of a case: a page to print, plain text, or the paper that is kept. */
export const minutesAt = (id: string, language: string, format: "html" | "text" | "pdf"): string =>
  `/api/v1/approvals/${id}/minutes?${new URLSearchParams({ format, lang: language })}`;
