import createClient, { type Middleware } from "openapi-fetch";
import i18next from "i18next";
import { ApiProblem, UNREACHABLE, problemOf } from "./problem";
import type { components, paths } from "./schema.gen";

/** The shapes of the server's JSON, from docs/api/openapi.json. */
export type Shape = components["schemas"];
export type Permission = Shape["Permission"];

const SAFE = new Set(["GET", "HEAD"]);
let csrf = "";
let onEnded: () => void = () => {};

/** The token of the session, without which nothing may be changed. */
export const rememberCsrf = (token: string): void => {
  csrf = token;
};
/** What happens when an answer says that the session is over. */
export const whenSessionEnds = (tell: () => void): void => {
  onEnded = tell;
};

function head(method: string): Record<string, string> {
  const language = { "accept-language": i18next.resolvedLanguage ?? "zh-Hans", accept: "application/json" };
  return SAFE.has(method) ? language : { ...language, "x-csrf-token": csrf };
}

async function refuse(response: Response): Promise<never> {
  const body: unknown = await response.clone().json().catch(() => null);
  const problem = problemOf(response.status, body, response.headers.get("retry-after"));
  if (problem.slug === "unauthenticated") onEnded();
  throw problem;
}

const manners: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(head(request.method))) request.headers.set(name, value);
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) await refuse(response);
    return response;
  },
  onError() {
    return new ApiProblem(UNREACHABLE, 0, "", "", null, null);
  },
};

/** The typed client; a refusal is thrown as an `ApiProblem`. */
export const api = createClient<paths>({ baseUrl: "", credentials: "same-origin" });
api.use(manners);

/** The body of an answer. */
export async function take<T>(answer: Promise<{ data?: T }>): Promise<T> {
  return (await answer).data as T;
}

/** A page of a list; short lists come whole, as rows alone. */
export async function takeList<T>(answer: Promise<{ data?: T[] | { items: T[]; next?: string | null } }>): Promise<{ items: T[]; next?: string | null }> {
  const body = await take(answer);
  return Array.isArray(body) ? { items: body } : body;
}

/** What the page's small script asked before this one ran (scripts/first.ts), by address. */
const early = (globalThis as { early?: Record<string, Promise<Response>> }).early ?? {};
/** Its answer, which is read once and only by who would ask the same. */
function askedEarly(address: string, method: string): Promise<Response> | undefined {
  const asked = method === "GET" ? early[address] : undefined;
  delete early[address];
  return asked;
}

/** A call that has no place in the typed client: files both ways. */
export async function fetchRaw(address: string, init: RequestInit = {}): Promise<Response> {
  const method = init.method ?? "GET";
  const asked = askedEarly(address, method) ?? fetch(address, {
    ...init,
    credentials: "same-origin",
    headers: { ...head(method), ...(init.headers as Record<string, string> | undefined) },
  });
  const response = await asked.catch(() => {
    throw new ApiProblem(UNREACHABLE, 0, "", "", null, null);
  });
  if (!response.ok) await refuse(response);
  return response;
}

/** JSON to and from an address. */
export async function ask<T>(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", address: string, body?: unknown): Promise<T> {
  const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  const response = await fetchRaw(address, { method, ...json });
  return (response.status === 204 ? undefined : await response.json()) as T;
}
