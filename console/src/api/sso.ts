import { ask, fetchRaw, rememberCsrf } from "./client";
import type { Asked } from "./passkeys";
import type { PasskeyAnswer, Session } from "./session";

/** A way to sign in beside the password. */
export type Way = { provider: string; label: string; kind: "oidc" | "wecom" };
/** What a user is at a provider. */
export type SsoLink = {
  provider: string;
  label: string;
  is_on: boolean;
  is_linked: boolean;
  name: string | null;
  linked_at: string | null;
  linked_by: string | null;
  last_used_at: string | null;
};
/** Where a provider is and what we are called there. */
export type ProviderWay =
  | { kind: "oidc"; issuer: string; client_id: string; scopes: string[]; levels: string[] }
  | { kind: "wecom"; corp_id: string; agent_id: string; api_url: string | null; login_url: string | null };
export type Trust = "never" | "stated";
export type Provider = { provider: string; label: string; way: ProviderWay; trust: Trust; is_on: boolean; return_to: string; changed_at: string };
export type NewProvider = { label: string; way: ProviderWay; secret?: string; trust: Trust; is_on: boolean };
/** Somebody whom a provider knows and nobody here does yet. */
export type Knock = { provider: string; reference: string; name: string | null; last_at: string; times: number };
/** What a provider sent the browser back with. */
export type Back = { state: string; code: string; issuer?: string };
/** Who came in, and the page that was wanted. */
export type Entered = { session: Session; back: string };
type Listed<T> = { items: T[] };

const AT = "/api/v1/sso";
const own = (provider: string, deed: string) => `/api/v1/account/sso/${encodeURIComponent(provider)}/${deed}`;

async function kept(answer: Promise<Entered>): Promise<Entered> {
  const entered = await answer;
  rememberCsrf(entered.session.csrf);
  return entered;
}

export const ways = (): Promise<Listed<Way>> => ask("GET", AT);
/** The address that sends the browser to a provider. */
export const startAt = (provider: string, back: string | undefined): string =>
  `${AT}/${encodeURIComponent(provider)}/start${back ? `?${new URLSearchParams({ back })}` : ""}`;
export const finish = (provider: string, back: Back): Promise<Entered> => kept(ask("POST", `${AT}/${encodeURIComponent(provider)}/finish`, back));
/** After a provider proved who this is: the second factor of this house. */
export const showFactor = (shown: { code: string } | { passkey: PasskeyAnswer }): Promise<Entered> => kept(ask("POST", `${AT}/factor`, shown));
/** After a provider proved who this is: what this person's authenticator is asked. */
export const askFactorPasskey = (): Promise<Asked> => ask("POST", `${AT}/passkey`);

const linksOf = (user: string | undefined) => (user ? `/api/v1/users/${user}/sso` : "/api/v1/account/sso");
/** What one is elsewhere oneself, or what a user one looks after is. */
export const links = (user?: string): Promise<Listed<SsoLink>> => ask("GET", linksOf(user));
export const startLink = (provider: string): Promise<{ location: string }> => ask("POST", own(provider, "start"));
export const finishLink = (provider: string, back: Back): Promise<void> => ask("POST", own(provider, "finish"), back);
export const linkUser = (user: string, provider: string, who: { reference: string } | { subject: string }): Promise<void> =>
  ask("POST", `${linksOf(user)}/${encodeURIComponent(provider)}/link`, who);
export const unlink = (provider: string, user?: string): Promise<void> => ask("POST", `${linksOf(user)}/${encodeURIComponent(provider)}/unlink`);

export const providers = (): Promise<Listed<Provider>> => ask("GET", "/api/v1/identity-providers");
export const putProvider = async (provider: string, body: NewProvider): Promise<Provider> => {
  const address = `/api/v1/identity-providers/${encodeURIComponent(provider)}`;
  const answer = await fetchRaw(address, { method: "PUT", body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  return (await answer.json()) as Provider;
};
export const knocks = (): Promise<Listed<Knock>> => ask("GET", `${AT}/knocks`);

/** Whether this browser left to link an account: the way back looks alike for both. Kept for this tab alone. */
const ERRAND = "sso-linking";
export const rememberLinking = (provider: string | null): void => {
  try {
    if (provider) sessionStorage.setItem(ERRAND, provider);
    else sessionStorage.removeItem(ERRAND);
  } catch {
    // A browser that keeps nothing comes back as if to sign in, and is told to begin again.
  }
};
export const isLinking = (provider: string): boolean => {
  try {
    return sessionStorage.getItem(ERRAND) === provider;
  } catch {
    return false;
  }
};
