import { type Shape, ask } from "./client";

export type Account = Shape["AccountOut"];
/** An account with the key that signs its notices: shown this once. */
export type OpenedAccount = Shape["OpenedAccountOut"];
/** A move of a unit, or its closing, with its reason. */
export type UnitChange = { kind: "moved" | "closed"; day: string; reason: string; from: string | null; to: string | null; by: string | null; at: string };
export type Moving = { parent: string; reason: string };
export type Closing = { day?: string; reason: string };

export const renameAccount = (account: string, name: string): Promise<Account> => ask("PATCH", `/api/v1/accounts/${account}`, { name });
export const moveUnit = (unit: string, body: Moving): Promise<unknown> => ask("POST", `/api/v1/units/${unit}/move`, body);
export const closeUnit = (unit: string, body: Closing): Promise<void> => ask("POST", `/api/v1/units/${unit}/close`, body);
export const unitChanges = (unit: string): Promise<UnitChange[]> => ask("GET", `/api/v1/units/${unit}/changes`);
