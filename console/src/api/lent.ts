import { type Shape, ask } from "./client";

/** A role that I lent, or that was lent to me. */
export type Lent = {
  delegation: string; way: "given" | "received"; with: string; role: Shape["Role"]; unit: string; from_day: string; to_day: string;
  reason: LeaveReason; state: "coming" | "running" | "over";
};
export const LEAVE_REASONS = ["leave", "sick", "trip", "course"] as const;
export type LeaveReason = (typeof LEAVE_REASONS)[number];
export type NewLent = { to: string; role: Shape["Role"]; unit: string; from_day: string; to_day: string; reason: LeaveReason };

const AT = "/api/v1/delegations";
export const ownLent = async (): Promise<Lent[]> => (await ask<{ items: Lent[] }>("GET", AT)).items;
export const lendableTo = (): Promise<{ id: string; name: string }[]> => ask("GET", `${AT}/people`);
export const lend = (body: NewLent): Promise<{ delegation: string }> => ask("POST", AT, body);
export const endLent = (delegation: string): Promise<void> => ask("POST", `${AT}/${delegation}/end`);
