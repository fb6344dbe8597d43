import { ask, fetchRaw } from "./client";

/** Title in both languages. */
export type Words = { zh: string; en: string };
export type Ask =
  | { kind: "number"; unit?: Words; min?: number | null; max?: number | null }
  | { kind: "money"; max_fen?: number | null }
  | { kind: "text"; chars_max: number }
  | { kind: "choice"; options: { key: string; title: Words }[] }
  | { kind: "yes_no" };
export type ReportField = { key: string; title: Words; required: boolean; ask: Ask };
export type Rhythm = { kind: "daily"; hours: string[] } | { kind: "weekly"; weekdays: number[]; hour: string };
export type ReportForm = {
  title: Words; fields: ReportField[]; rhythm: Rhythm; first_day: string; last_day?: string | null; grace_minutes: number; remind_minutes: number;
};
export type Reach = "children" | "all_below" | "chosen";
export type FormOut = {
  id: string; unit: string; version: number; form: ReportForm; reach: Reach; units: string[]; published_at: string; closed_at: string | null;
  emergency: { minutes: number; since: string; reason: string } | null;
};
export type Slot = { id: string; version: number; opens_at: string; due_at: string; late_at: string; is_emergency: boolean };
export type SlotLine = Slot & { units: number; handed_in: number; in_time: number };
export type Standing = "waiting" | "handed_in" | "late" | "missing";
export type Answer = number | string | boolean;
export type Answers = Record<string, Answer>;
export type Shift = { id: string; unit: string; from: string; to: string; user: string | null; masked_name: string; masked_phone: string };
export type Row = {
  unit: string; name: string; standing: Standing; answers: Answers; is_nothing: boolean; version: number; handed_in_at: string | null; of: string | null;
  is_earlier: boolean; on_duty: Shift[];
};
export type Table = { form: FormOut; slot: Slot | null; rows: Row[]; sums: Record<string, number>; counts: Record<Standing, number>; as_of: string };
export type Owed = { unit: string; form: string; title: Words; slot: Slot; standing: Standing };
export type Entry = { version: number; answers: Answers; is_nothing: boolean; reason: string; by: string; at: string };
export type Report = {
  unit: string; form_id: string; form: ReportForm; slot: Slot; standing: Standing; is_closed: boolean; entries: Entry[];
  draft: { answers: Record<string, unknown>; by: string; at: string } | null;
};
export type Roster = {
  unit: string; from: string; days: number; shifts: Shift[]; gaps: { from: string; to: string }[];
  overlaps: { first: string; second: string; from: string; to: string }[]; on_now: string[];
};
export type NewShift = { day: string; from: string; to: string; name: string; phone: string };
export type RevealReason = "call" | "handover" | "check";

/** Under this key lies everything about reports and rosters: one change, and all of it is read again. */
export const DUTY = ["duty"] as const;
const AT = "/api/v1/duty";
type Page<T> = { items: T[]; next?: string | null };

const query = (given: Record<string, string | undefined>): string => {
  const said = Object.entries(given).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return said.length > 0 ? `?${new URLSearchParams(said)}` : "";
};

export const forms = (): Promise<Page<FormOut>> => ask("GET", `${AT}/forms?limit=200`);
export const publishForm = (body: { unit: string; form: ReportForm; reach: Reach; units: string[] }): Promise<FormOut> => ask("POST", `${AT}/forms`, body);
export const amendForm = (form: string, body: { form: ReportForm; reach: Reach; units: string[] }): Promise<FormOut> => ask("POST", `${AT}/forms/${form}/versions`, body);
export const closeForm = (form: string): Promise<void> => ask("POST", `${AT}/forms/${form}/close`);
export const beginEmergency = (form: string, body: { minutes: number; reason: string }): Promise<FormOut> => ask("POST", `${AT}/forms/${form}/emergency`, body);
export const endEmergency = (form: string): Promise<FormOut> => ask("POST", `${AT}/forms/${form}/emergency/end`);
export const slots = (form: string): Promise<Page<SlotLine>> => ask("GET", `${AT}/forms/${form}/slots?limit=100`);

export type Wanted = { slot?: string | undefined; standing?: string | undefined; unit?: string | undefined };
export const table = (form: string, wanted: Wanted): Promise<Table> => ask("GET", `${AT}/forms/${form}/table${query(wanted)}`);
/** The same rows as a file: what is filtered, and nothing else. */
export const tableFile = (form: string, wanted: Wanted, format: "csv" | "xlsx", language: string): string =>
  `${AT}/forms/${form}/table${query({ ...wanted, format, lang: language })}`;

export const owed = (): Promise<Owed[]> => ask("GET", `${AT}/owed`);
const reportAt = (slot: string, unit: string) => `${AT}/reports/${slot}/${unit}`;
export const report = (slot: string, unit: string): Promise<Report> => ask("GET", reportAt(slot, unit));
export type Said = { answers: Answers } | { nothing: true };
export const handIn = (slot: string, unit: string, body: Said & { after: number; reason: string }): Promise<Report> => ask("POST", reportAt(slot, unit), body);
export async function keepDraft(slot: string, unit: string, answers: Record<string, unknown>): Promise<void> {
  await fetchRaw(`${reportAt(slot, unit)}/draft`, { method: "PUT", body: JSON.stringify({ answers }), headers: { "content-type": "application/json" } });
}

export const onDuty = (): Promise<Shift[]> => ask("GET", `${AT}/on`);
export const roster = (unit: string, from: string, days: number): Promise<Roster> => ask("GET", `${AT}/rosters/${unit}${query({ from, days: String(days) })}`);
export const addShifts = (unit: string, shifts: NewShift[]): Promise<Shift[]> => ask("POST", `${AT}/rosters/${unit}/shifts`, { shifts });
export const copyWeek = (unit: string, first_day: string): Promise<Roster> => ask("POST", `${AT}/rosters/${unit}/copy`, { first_day });
export const swapShifts = (shift: string, other: string): Promise<void> => ask("POST", `${AT}/shifts/${shift}/swap`, { with: other });
export const cancelShift = (shift: string): Promise<void> => ask("POST", `${AT}/shifts/${shift}/cancel`);
export const revealShift = (shift: string, reason: RevealReason): Promise<{ name: string; phone: string }> => ask("POST", `${AT}/shifts/${shift}/reveal`, { reason });
