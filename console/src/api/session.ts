import { useQuery } from "@tanstack/react-query";
import { type Permission, type Shape, ask, rememberCsrf } from "./client";

/** What must be done before anything else. */
export type Must = "enrol_second_factor" | "change_password";
export type Session = {
  user: Shape["MeOut"];
  csrf: string;
  idle_until: string;
  ends_at: string;
  must: Must | null;
  /** Somebody works with the code of the sealed envelope now. */
  glass_broken: { since: string; until: string } | null;
};
/** A code that was made for the sealed envelope. */
export type Envelope = { id: string; made_at: string; withdrawn_at: string | null; used_at: string | null; ends_at: string | null; reason: string | null };
export type SessionLine = {
  session: string;
  started_at: string;
  last_seen_at: string;
  from: string;
  agent: string;
  current: boolean;
};
/** A passkey as the browser shows it, each part in base64url. */
export type PasskeyAnswer = { credential_id: string; client_data: string; authenticator_data: string; signature: string; user_handle: string | null };
export type SecondFactor = { secret_base32: string; otpauth_uri: string };

async function kept(answer: Promise<Session>): Promise<Session> {
  const session = await answer;
  rememberCsrf(session.csrf);
  return session;
}

export const SESSION = ["session"] as const;
const AT = "/api/v1/session";
export const readSession = (): Promise<Session> => kept(ask("GET", AT));
export const signIn = (name: string, password: string, code?: string): Promise<Session> =>
  kept(ask("POST", AT, code ? { name, password, code } : { name, password }));
export const signInByPasskey = (name: string, password: string, passkey: PasskeyAnswer): Promise<Session> =>
  kept(ask("POST", AT, { name, password, passkey }));
export const breakGlass = (code: string, reason: string): Promise<Session> => kept(ask("POST", "/api/v1/break-glass", { code, reason }));
export const envelopes = (): Promise<{ items: Envelope[] }> => ask("GET", "/api/v1/break-glass");
export const signOut = (): Promise<void> => ask("DELETE", AT);
export const accept = (secret: string, password: string): Promise<Session> =>
  kept(ask("POST", "/api/v1/invitations/accept", { secret, password }));
const sessionsOf = (user: string | undefined) => (user ? `/api/v1/users/${user}/sessions` : "/api/v1/sessions");
/** One's own sessions, or those of a user one looks after. */
export const sessions = (user?: string): Promise<{ items: SessionLine[] }> => ask("GET", sessionsOf(user));
export const revokeSession = (session: string, user?: string): Promise<void> => ask("POST", `${sessionsOf(user)}/${session}/revoke`);
export const changePassword = (old: string, fresh: string): Promise<void> =>
  ask("POST", "/api/v1/account/password", { old, new: fresh });
export const beginFactor = (): Promise<SecondFactor> => ask("POST", "/api/v1/account/second-factor");
export const confirmFactor = (code: string): Promise<{ recovery_codes: string[] }> =>
  ask("POST", "/api/v1/account/second-factor/confirm", { code });
export type Invitation = { invitation: string; path: string; ends_at: string };
export const invite = (user: string): Promise<Invitation> => ask("POST", `/api/v1/users/${user}/invitation`);

/** Who works here; only below the shell, which waits for it. */
export function useSession(): Session {
  const { data } = useQuery({ queryKey: SESSION, queryFn: readSession, staleTime: Number.POSITIVE_INFINITY });
  if (!data) throw new Error("the shell shows no screen without a session");
  return data;
}

/** How often a screen asks whether the sealed envelope is open. To ask keeps no session awake. */
const GLASS_EVERY_MS = 60_000;

/** Since when and until when somebody works with the code of the sealed envelope. */
export function useGlass(): Session["glass_broken"] {
  const { data } = useQuery({ queryKey: SESSION, queryFn: readSession, staleTime: Number.POSITIVE_INFINITY, refetchInterval: GLASS_EVERY_MS });
  return data?.glass_broken ?? null;
}

/** Whether this person may do something somewhere; the server asks again for the unit. */
export function useMay(): (permission: Permission) => boolean {
  const { permissions } = useSession().user;
  return (permission) => permissions.includes(permission);
}
