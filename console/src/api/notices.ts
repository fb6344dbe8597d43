import { type Shape, ask, fetchRaw } from "./client";

export const NOTICE_KINDS = ["announcement", "progress", "spending", "goods"] as const;
export const NOTICE_STATES = ["draft", "published", "corrected", "withdrawn", "dropped"] as const;
export type NoticeKind = (typeof NOTICE_KINDS)[number];
export type Texts = { title: string; body: string; title_en: string; body_en: string };
export type Block = { kind: "heading"; text: string } | { kind: "paragraph"; lines: string[] } | { kind: "items"; items: string[] };
export type NoticeFile = { name: string; sha256: string; media_type: string; length: number };
export type Notice = {
  id: string;
  unit: string;
  kind: NoticeKind;
  campaign: string | null;
  project: string | null;
  state: (typeof NOTICE_STATES)[number];
  texts: Texts;
  blocks: Block[];
  blocks_en: Block[];
  files: NoticeFile[];
  version: number;
  corrects: string | null;
  corrected_by: string | null;
  year: number | null;
  number: number | null;
  sha256: string | null;
  published_at: string | null;
  ended_at: string | null;
  end_reason: string | null;
  created_at: string;
};
export type Version = { id: string; version: number; state: string; published_at: string | null };
export type StaffNotice = { notice: Notice; case: string | null; case_state: Shape["ApprovalCaseRowOut"]["state"] | null; versions: Version[] };
export type Draft = { kind: NoticeKind; campaign?: string; project?: string; texts: Texts };
type Listed<T> = { items: T[]; next?: string | null };

const ALL = "/api/v1/staff/disclosures";
const at = (id: string, rest = "") => `${ALL}/${id}${rest}`;
const query = (all: Record<string, string | number | undefined>): string => {
  const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
};

export const notices = (filter: { unit?: string | undefined; state?: string | undefined }, page: { cursor: string | undefined; limit: number }): Promise<Listed<Notice>> =>
  ask("GET", `${ALL}?${query({ ...filter, ...page })}`);
export const readNotice = (id: string): Promise<StaffNotice> => ask("GET", at(id));
export const draftNotice = (unit: string, draft: Draft): Promise<StaffNotice> => ask("POST", ALL, { unit, draft });
export const changeNotice = (id: string, draft: Draft): Promise<StaffNotice> => ask("PUT", at(id), draft);
export const dropNotice = (id: string): Promise<StaffNotice> => ask("POST", at(id, "/drop"), {});
export const askNotice = (id: string, body: Shape["ProjectAskAdmission"]): Promise<{ case: string }> => ask("POST", at(id, "/ask"), body);
export const correctNotice = (id: string): Promise<StaffNotice> => ask("POST", at(id, "/correct"), {});
export const withdrawNotice = (id: string, reason: string): Promise<StaffNotice> => ask("POST", at(id, "/withdraw"), { reason });
export const removeFile = (id: string, sha256: string): Promise<StaffNotice> => ask("DELETE", at(id, `/files/${sha256}`));
/** Adds a file that everybody may read once the notice is published. */
export async function addFile(id: string, file: File): Promise<void> {
  await fetchRaw(at(id, `/files?${new URLSearchParams({ name: file.name })}`), { method: "POST", body: file, headers: { "content-type": "application/octet-stream" } });
}
/** A file, of a draft too. */
export const fileOf = (id: string, sha256: string): string => at(id, `/files/${sha256}`);
/** The page that everybody sees. */
export const publicPage = (id: string): string => `/notices/${id}`;
