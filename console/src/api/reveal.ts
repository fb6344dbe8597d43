import { ask } from "./client";

/** Why somebody's name and telephone are opened; it stands in the audit trail. */
export const REVEAL_REASONS = ["reach", "person_asked", "check", "authority_ordered"] as const;
export type RevealReason = (typeof REVEAL_REASONS)[number];

export type Helper = { solicitor: string; name: string; phone: string; minor: boolean; guardian?: string | null; consented_on?: string | null };
export type Starter = { name: string; phone: string };
export type Payer = { name: string | null; phone: string | null; on_behalf_of: string | null; memo: string | null };

export const helpers = (event: string): Promise<Helper[]> => ask("GET", `/api/v1/events/${event}/solicitors`);
export const revealHelper = (event: string, one: string, reason: RevealReason): Promise<Helper> =>
  ask("POST", `/api/v1/events/${event}/solicitors/${one}/reveal`, { reason });
export const revealStarter = (team: string, reason: RevealReason): Promise<Starter> => ask("POST", `/api/v1/teams/${team}/starter/reveal`, { reason });
export const revealPayer = (gift: string, reason: RevealReason): Promise<Payer> => ask("POST", `/api/v1/gifts/${gift}/payer/reveal`, { reason });
export const revealContact = (region: string, reason: RevealReason): Promise<{ contact: string }> =>
  ask("POST", `/api/v1/partnership/regions/${region}/contact/reveal`, { reason });
