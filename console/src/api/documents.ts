import { ask, fetchRaw } from "./client";

export type DocumentLine = {
  id: string; unit: string; code: string; title: string; state: "sent" | "withdrawn"; sent_at: string; confirm_by: string | null;
  recipients: number; read: number; confirmed: number;
};
export type By = { name: string; at: string };
export type Receipt = { unit: string; read: By | null; confirmed: By | null; reminded_at: string | null; is_mine: boolean };
export type DocumentLink = { id: string; code: string; title: string; unit: string };
export type Part = { name: string; sha256: string };
export type OneDocument = {
  id: string; unit: string; code: string; title: string; body: string; files: Part[]; state: "sent" | "withdrawn"; withdrawn_reason: string | null;
  withdrawn_at: string | null; sent: By; confirm_by: string | null; reply_to: DocumentLink | null; replies: DocumentLink[]; receipts: Receipt[];
};
export type WaitingDocument = { id: string; receiver: string; unit: string; code: string; title: string; sent_at: string; confirm_by: string | null; read_at: string | null };
export type To = "above" | "children" | "all_below" | "chosen";
export type NewDocument = {
  /** Made once by the form: sent twice, it is one document. */
  key: string;
  unit: string; to: To; units: string[]; title: string; body: string; files: Part[]; reply_to?: string; confirm_by?: string;
};

/** Under this key lies everything about documents. */
export const DOCUMENTS = ["documents"] as const;
const AT = "/api/v1/documents";
type Page<T> = { items: T[]; next?: string | null };
type Wanted = { side?: string | undefined; state?: string | undefined; q?: string | undefined; cursor?: string | undefined; limit: number };

export function documents({ limit, ...wanted }: Wanted): Promise<Page<DocumentLine>> {
  const said = Object.entries(wanted).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return ask("GET", `${AT}?${new URLSearchParams([["limit", String(limit)], ...said])}`);
}
export const documentsWaiting = (): Promise<WaitingDocument[]> => ask("GET", `${AT}/waiting`);
export const oneDocument = (id: string): Promise<OneDocument> => ask("GET", `${AT}/${id}`);
export const sendDocument = (body: NewDocument): Promise<OneDocument> => ask("POST", AT, body);
export const noteRead = (id: string, unit: string): Promise<OneDocument> => ask("POST", `${AT}/${id}/read`, { unit });
export const confirmDocument = (id: string, unit: string): Promise<OneDocument> => ask("POST", `${AT}/${id}/confirm`, { unit });
export const remindOf = (id: string): Promise<{ units: number }> => ask("POST", `${AT}/${id}/remind`);
export const withdrawDocument = (id: string, reason: string): Promise<void> => ask("POST", `${AT}/${id}/withdraw`, { reason });
export const partAt = (id: string, sha256: string): string => `${AT}/${id}/files/${sha256}`;

/** Keeps a file to be sent with a unit's documents; it is sealed there, and named by its hash. */
export async function handInPart(unit: string, file: Blob): Promise<{ sha256: string }> {
  const headers = { "content-type": "application/octet-stream" };
  const response = await fetchRaw(`${AT}/files?${new URLSearchParams({ unit })}`, { method: "POST", body: file, headers });
  return (await response.json()) as { sha256: string };
}
