/** The server's addresses that the phone needs; small, without the console's client. */
import type { Along } from "./along";
import type { Answer } from "./queue";
import type { PhoneRecord } from "./record";

/** A refusal in words, or no answer at all (status 0). */
export class Refused extends Error {
  override readonly name = "Refused";
  constructor(
    readonly status: number,
    readonly slug: string,
    readonly title: string,
    readonly detail: string,
  ) {
    super(title || slug);
  }
}

export type Session = { user: { id: string; name: string; roles: { role: string; unit: string }[]; permissions: string[] }; csrf: string; must: string | null };
export type Unit = { id: string; name: string };

/** An answer takes at most this long: a line that hangs is no line. */
const ANSWER_MS_MAX = 30_000;
let csrf = "";
let language = "zh-Hans";

export const speakTo = (chosen: string): void => {
  language = chosen;
};

const word = (value: unknown): string => (typeof value === "string" ? value : "");

async function call<T>(method: string, path: string, body?: unknown, bytes?: ArrayBuffer): Promise<T> {
  const headers: Record<string, string> = { accept: "application/json", "accept-language": language };
  if (method !== "GET") headers["x-csrf-token"] = csrf;
  if (body !== undefined) headers["content-type"] = "application/json";
  if (bytes) headers["content-type"] = "image/jpeg";
  const answer = await fetch(path, {
    method, headers, credentials: "same-origin", cache: "no-store", body: bytes ?? (body === undefined ? null : JSON.stringify(body)), signal: AbortSignal.timeout(ANSWER_MS_MAX),
  }).catch(() => {
    throw new Refused(0, "unreachable", "", "");
  });
  const said: unknown = answer.status === 204 ? null : await answer.json().catch(() => null);
  if (answer.ok) return said as T;
  const problem = (said ?? {}) as Record<string, unknown>;
  throw new Refused(answer.status, word(problem.type).split("/").at(-1) ?? "", word(problem.title), word(problem.detail));
}

async function kept(answer: Promise<Session>): Promise<Session> {
  const session = await answer;
  csrf = session.csrf;
  return session;
}

const SESSION = "/api/v1/session";
export const session = (): Promise<Session> => kept(call("GET", SESSION));
export const signIn = (name: string, password: string, code: string): Promise<Session> => kept(call("POST", SESSION, code ? { name, password, code } : { name, password }));
export const unit = (id: string): Promise<Unit> => call("GET", `/api/v1/units/${id}`);
export const enrol = (unit: string, body: { name: string; public_key: string; signature: string }): Promise<{ id: string; name: string }> => call("POST", `/api/v1/goods/${unit}/devices`, body);
export const takeAlong = (unit: string): Promise<Along> => call("GET", `/api/v1/goods/${unit}/along`);
export const handIn = (unit: string, body: { device: string; sent_at_ms: number; records: { record: PhoneRecord; signature: string }[] }): Promise<{ offset_ms: number; gaps: { from: number; to: number }[]; records: Answer[] }> =>
  call("POST", `/api/v1/goods/${unit}/queue`, body);
export const sendPhoto = (device: string, sha256: string, bytes: ArrayBuffer): Promise<null> => call("PUT", `/api/v1/goods/devices/${device}/photos/${sha256}`, undefined, bytes);
