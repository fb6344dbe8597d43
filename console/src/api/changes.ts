import { ask } from "./client";

/** What somebody else changed in how I sign in. */
export type AccountChange = { change: string; what: "sso_linked" | "sso_unlinked"; provider: string; label: string; by: string; at: string };

const AT = "/api/v1/account/changes";

/** Those I have not marked seen, the oldest first. */
export const changes = (): Promise<{ items: AccountChange[] }> => ask("GET", AT);
export const seeChange = (change: string): Promise<void> => ask("POST", `${AT}/${change}/seen`, {});
