/** The phone's key: ECDSA over P-256, made in the browser, its private half never readable. */

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;

/** Browsers lend keys, cameras and workers to pages of HTTPS only (and to this machine itself). */
export const isSecure = (): boolean => globalThis.isSecureContext === true && typeof crypto.subtle === "object";

export function base64url(bytes: ArrayBuffer): string {
  let text = "";
  for (const byte of new Uint8Array(bytes)) text += String.fromCharCode(byte);
  return btoa(text).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export async function freshPair(): Promise<{ key: CryptoKey; point: string }> {
  const pair = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  return { key: pair.privateKey, point: base64url(await crypto.subtle.exportKey("raw", pair.publicKey)) };
}

export async function sign(key: CryptoKey, text: string): Promise<string> {
  return base64url(await crypto.subtle.sign(SIGNING, key, new TextEncoder().encode(text)));
}

export async function fingerprint(bytes: ArrayBuffer): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
