import { ApiProblem } from "./problem";
import { ask } from "./client";
import type { PasskeyAnswer } from "./session";

/** A passkey the browser is reminded of. */
type Known = { credential_id: string; transports: string[] };
/** What the server asks of an authenticator. */
export type Asked = { challenge: string; relying_party: string; passkeys: Known[]; timeout_ms: number };
/** What a new passkey is made for. */
export type Offer = Asked & { user_handle: string; user_name: string; algorithms: number[] };
/** A passkey as the browser made it. */
export type Made = { client_data: string; attestation: string; transports: string[] };
/** A passkey of a list. */
export type Passkey = { passkey: string; name: string; registered_at: string; last_used_at: string | null; here: boolean };

const MINE = "/api/v1/account/passkeys";
const listOf = (user: string | undefined) => (user ? `/api/v1/users/${user}/passkeys` : MINE);
/** One's own passkeys, or those of a user one looks after. */
export const passkeys = (user?: string): Promise<{ items: Passkey[] }> => ask("GET", listOf(user));
export const removePasskey = (passkey: string, user?: string): Promise<void> => ask("DELETE", `${listOf(user)}/${passkey}`);
export const renamePasskey = (passkey: string, name: string): Promise<void> => ask("POST", `${MINE}/${passkey}/rename`, { name });
export const offerPasskey = (): Promise<Offer> => ask("POST", MINE);
export const registerPasskey = (name: string, made: Made): Promise<{ passkey: string; recovery_codes: string[] }> =>
  ask("POST", `${MINE}/register`, { name, ...made });
/** After the right name and password: what this person's authenticator is asked. */
export const askPasskey = (name: string, password: string): Promise<Asked> => ask("POST", "/api/v1/session/passkey", { name, password });

/** Whether this page may use passkeys: browsers give them to secure pages only. */
export type Reach = "yes" | "insecure" | "unknown";
export function reach(): Reach {
  if (!window.isSecureContext) return "insecure";
  return typeof window.PublicKeyCredential === "function" ? "yes" : "unknown";
}

/** Why the browser showed or made no passkey; the screen says it in words. */
export class NoPasskey extends Error {
  override readonly name = "NoPasskey";
  constructor(
    readonly why: "cancelled" | "already" | "address",
    /** The host passkeys belong to. */
    readonly host: string,
  ) {
    super(why);
  }
}

/** Bytes of base64url, without padding. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(plain.length);
  for (let at = 0; at < plain.length; at += 1) bytes[at] = plain.charCodeAt(at);
  return bytes;
}

/** The other way round. */
export function textOf(buffer: ArrayBuffer): string {
  let plain = "";
  for (const byte of new Uint8Array(buffer)) plain += String.fromCharCode(byte);
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

const known = (list: Known[]): PublicKeyCredentialDescriptor[] =>
  list.map((one) => ({ type: "public-key", id: bytesOf(one.credential_id), transports: one.transports as AuthenticatorTransport[] }));

async function shown(host: string, what: Promise<Credential | null>): Promise<PublicKeyCredential> {
  const credential = await what.catch((error: unknown) => {
    const name = error instanceof DOMException ? error.name : "";
    throw new NoPasskey(name === "InvalidStateError" ? "already" : name === "SecurityError" ? "address" : "cancelled", host);
  });
  if (!(credential instanceof PublicKeyCredential)) throw new NoPasskey("cancelled", host);
  return credential;
}

/** Lets the browser make a passkey; `house` is the name its window shows. */
export async function makePasskey(offer: Offer, house: string): Promise<Made> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    rp: { id: offer.relying_party, name: house },
    user: { id: bytesOf(offer.user_handle), name: offer.user_name, displayName: offer.user_name },
    challenge: bytesOf(offer.challenge),
    pubKeyCredParams: offer.algorithms.map((alg) => ({ type: "public-key", alg })),
    excludeCredentials: known(offer.passkeys),
    authenticatorSelection: { residentKey: "discouraged", userVerification: "required" },
    attestation: "none",
    timeout: offer.timeout_ms,
  };
  const { response } = await shown(offer.relying_party, navigator.credentials.create({ publicKey }));
  const made = response as AuthenticatorAttestationResponse;
  return { client_data: textOf(made.clientDataJSON), attestation: textOf(made.attestationObject), transports: made.getTransports?.() ?? [] };
}

/** Lets the browser show a passkey. */
export async function showPasskey(asked: Asked): Promise<PasskeyAnswer> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    rpId: asked.relying_party,
    challenge: bytesOf(asked.challenge),
    allowCredentials: known(asked.passkeys),
    userVerification: "required",
    timeout: asked.timeout_ms,
  };
  const { rawId, response } = await shown(asked.relying_party, navigator.credentials.get({ publicKey }));
  const answer = response as AuthenticatorAssertionResponse;
  return {
    credential_id: textOf(rawId),
    client_data: textOf(answer.clientDataJSON),
    authenticator_data: textOf(answer.authenticatorData),
    signature: textOf(answer.signature),
    user_handle: answer.userHandle ? textOf(answer.userHandle) : null,
  };
}

/** What the browser would not do, as a problem with our words. */
export function inWords(error: unknown, words: (why: NoPasskey["why"], host: string) => [string, string]): unknown {
  if (!(error instanceof NoPasskey)) return error;
  const [title, detail] = words(error.why, error.host);
  return new ApiProblem(`passkey-${error.why}`, 0, title, detail, null, null);
}
