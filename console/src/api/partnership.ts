import { ask, fetchRaw } from "./client";

/** A partner region. The contact is masked. */
export type Region = { id: string; region: string; region_name: string; society: string; contact: string; made_at: string };
export type Need = { id: string; visit: string; kind: "money" | "goods" | "children"; words: string; amount_fen: number | null; unit_word: string | null; quantity: number | null; withdrawn: string | null };
export type NewNeed = { kind: Need["kind"]; words: string; amount_fen?: number; unit_word?: string; quantity?: number };
export type Visit = { id: string; way: "there" | "here"; day: string; people: number; minutes: string; files: string[]; written_at: string };
export type TargetKind = "money" | "goods" | "student_aid";
export type Terms = { first_day: string; last_day: string; pairs: { ours: string; theirs: string }[]; targets: { kind: TargetKind; year: number; target_fen: number }[] };
export type Agreement = {
  id: string; region: string; title: string; state: "draft" | "signed" | "running" | "ended"; version: number; made_at: string;
  signed_on: string | null; signed_file: string | null; ended_on: string | null; ended_why: string | null;
};
export type Version = {
  version: number; first_day: string; last_day: string; pairs: { ours: string; ours_name: string; theirs: string; theirs_name: string }[];
  targets: Terms["targets"]; reason: string; file: string | null; made_at: string;
};
/** An amendment of a signed agreement that a case decides or decided. */
export type Amendment = { id: string; state: "asked" | "adopted" | "refused" | "withdrawn" | "left"; case: string | null; decided_at: string | null; said: Version };
export type AgreementWhole = { agreement: Agreement; versions: Version[]; by_case: boolean; amendments: Amendment[] };
export type Line = { kind: TargetKind; year: number; target_fen: number | null; done_fen: number; per_mille: number | null; rows: number };
export type Row = { kind: TargetKind; source: "payment" | "purchase" | "dispatch"; subject: string; number: string; words: string; day: string; value_fen: number; reversed_fen: number; journal: string | null };
export type Payment = {
  id: string; number: string; kind: TargetKind; fund: string; restriction: string; amount_fen: number; purpose: string; purchase: string | null;
  state: "proposed" | "paid" | "withdrawn"; made_at: string; paid_at: string | null; journal: string | null;
};
export type Supplier = { id: string; code: string; name: string; owner: string };
export type Purchase = {
  id: string; agreement: string; need: string | null; list: string | null; kind: TargetKind; item: string; spec: string; unit_word: string; quantity: number;
  state: "collecting" | "chosen" | "ordered" | "received" | "invoiced" | "paid" | "called_off"; asked_on: string; number: string | null; due_on: string | null;
  invoice_no: string | null; invoice_file: string | null; payment: string | null; called_off: string | null;
};
export type Quote = { n: number; supplier_name: string; price_fen: number; total_fen: number; file: string; lowest: boolean; chosen: boolean; mine: boolean; collected_at: string; struck: string | null };
/** The lot that a purchase became in the store, the last time it was put there. */
export type Stocked = { lot: string; item: string; place: string; quantity: number; value_fen: number; paper: string; mine: boolean; stocked_at: string; undone: string | null };
export type PurchaseWhole = {
  purchase: Purchase; quotes: Quote[]; quotes_needed: number; fewer_why: string | null; fewer_approved: boolean; chosen_why: string | null; owed_fen: number | null;
  counts: { mine: boolean; quantity: number; words: string; signed_at: string }[]; bound: boolean; stocked: Stocked | null;
};
export type ChildList = { id: string; title: string; school: string; state: "open" | "ordered" | "closed"; made_at: string };
export type Outcome = "waiting" | "handed" | "absent" | "wrong_size" | "declined";
export type Child = {
  id: string; n: number; name: string; grade: string; height_cm: number; shoe_mm: number; garment: number; shoe: number; consented_on: string; withdrawn: boolean;
  outcome: Outcome; words: string; proof: "signature" | "code" | null; handed_at: string | null;
};
export type ListWhole = { list: ChildList; children: Child[]; sizes: { garment: number; shoe: number; children: number }[]; outcomes: { outcome: Outcome; children: number }[] };
export type TakenIn = { added: number; known: number; refused: { row: number; field: string; why: string }[] };
export type Shop = { id: string; name: string; agreement: string | null; made_at: string };
export type Shelf = { id: string; item: string; unit_word: string; price_points: number; stock: number };
export type Resident = { id: string; name: string; points: number };
export type Service = { id: string; resident: string; kind: string; minutes: number; day: string; state: string; points: number | null; mine: boolean; undone: boolean };
export type Sale = { id: string; resident: string; points: number; sold_at: string; undone_at: string | null };

const AT = "/api/v1/partnership";

/** What belongs to a unit. */
export const ofUnit = <T>(unit: string, what: "regions" | "agreements" | "suppliers" | "shops"): Promise<T[]> => ask("GET", `${AT}/${unit}/${what}`);
export const add = <T>(unit: string, what: "regions" | "agreements" | "suppliers" | "shops", body: unknown): Promise<T> => ask("POST", `${AT}/${unit}/${what}`, body);
/** What belongs to a thing: `agreements/x/progress`. */
export const read = <T>(path: string): Promise<T> => ask("GET", `${AT}/${path}`);
export const post = <T>(path: string, body: unknown = {}): Promise<T> => ask("POST", `${AT}/${path}`, body);
export const put = async <T>(path: string, body: unknown): Promise<T> =>
  (await fetchRaw(`${AT}/${path}`, { method: "PUT", body: JSON.stringify(body), headers: { "content-type": "application/json" } })).json() as Promise<T>;
/** The address of a file: a paper, an export, something that was handed in. */
export const file = (path: string): string => `${AT}/${path}`;

const BYTES = { "content-type": "application/octet-stream" };

/** Hands a file in; gives the id by which records name it. */
export async function handIn(unit: string, one: File): Promise<string> {
  const response = await fetchRaw(`${AT}/${unit}/files`, { method: "POST", body: one, headers: BYTES });
  return ((await response.json()) as { id: string }).id;
}

/** Takes a school's sheet in; with refused rows nothing was kept. */
export async function takeIn(list: string, sheet: File): Promise<TakenIn> {
  const response = await fetchRaw(`${AT}/lists/${list}/children`, { method: "POST", body: sheet, headers: BYTES });
  return (await response.json()) as TakenIn;
}
