import { ask } from "./client";

/** Something that happened: ids, codes and amounts, never personal data. */
export type Fact = {
  place: number;
  kind: string;
  happened_at: string;
  unit: string;
  subject: string;
  actor: string | null;
  body: unknown;
};
/** Somebody who holds a permission, and by which role. */
export type Power = {
  permission: string;
  user: string;
  name: string;
  kind: string;
  role: string;
  unit: string;
  lent_by: string | null;
  until: string | null;
};
type Listed<T> = { items: T[]; next?: string | null };

const query = (all: Record<string, string | number | undefined>): string => {
  const given = Object.entries(all).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
};

export type FactFilter = { kind?: string; subject?: string; actor?: string; unit?: string; from?: string; to?: string };
export const facts = (filter: FactFilter, at: { cursor: string | undefined; limit: number }): Promise<Listed<Fact>> =>
  ask("GET", `/api/v1/facts?${query({ ...filter, ...at })}`);

/** What happened to one thing, newest first, as far as it is for the reader's eyes. */
export const history = (subject: string, limit: number): Promise<Listed<Fact>> => ask("GET", `/api/v1/history?${query({ subject, limit })}`);

const holdersAt = (permission: string, unit: string | undefined, form?: "csv") =>
  `/api/v1/permissions/${permission}/holders?${query({ unit, as: form })}`;
export const holders = (permission: string, unit: string | undefined): Promise<Listed<Power>> => ask("GET", holdersAt(permission, unit));
/** The same as a file. */
export const holdersFile = (permission: string, unit: string | undefined): string => holdersAt(permission, unit, "csv");
export const powersOf = (user: string): Promise<Listed<Power>> => ask("GET", `/api/v1/users/${user}/powers`);
export const powersFile = (user: string): string => `/api/v1/users/${user}/powers?as=csv`;

/** Somebody who could decide at a stage today; a stage without anybody has one line without a name. */
export type Decider = {
  subject_kind: string; policy: string; policy_en: string; stage: string; stage_title: string; stage_title_en: string; seat: "decider" | "deputy";
  drawn: number | null; user: string | null; name: string | null; lent_by: string | null; until: string | null;
};
const decidersAt = (unit: string, kind: string | undefined, form?: "csv") => `/api/v1/approvals/deciders?${query({ unit, kind, as: form })}`;
export const deciders = (unit: string): Promise<Listed<Decider>> => ask("GET", decidersAt(unit, undefined));
export const decidersFile = (unit: string, kind: string | undefined): string => decidersAt(unit, kind, "csv");
