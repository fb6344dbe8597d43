import { ask } from "./client";
import type { RevealReason } from "./reveal";

/** How somebody of the staff is reached: masked, unless opened for a reason. */
export type Personal = { real_name: string | null; phone: string | null; email: string | null };
export type PersonalField = keyof Personal;
export const PERSONAL_REASONS = ["correction", "person_asked", "left"] as const;
export type PersonalReason = (typeof PERSONAL_REASONS)[number];
/** An empty text removes, what is not named stays. */
export type PersonalChange = Partial<Record<PersonalField, string>>;

const of = (user: string | undefined): string => (user ? `/api/v1/users/${user}/personal` : "/api/v1/account/personal");

export const personal = (user?: string): Promise<Personal> => ask("GET", of(user));
export const changePersonal = (user: string | undefined, body: PersonalChange & { reason?: PersonalReason }): Promise<Personal> => ask("PATCH", of(user), body);
export const revealPersonal = (user: string, reason: RevealReason): Promise<Personal> => ask("POST", `${of(user)}/reveal`, { reason });
