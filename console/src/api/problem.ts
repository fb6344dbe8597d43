/** A refusal or failure of the server, in the reader's language: RFC 9457, docs/errors.md. */
export class ApiProblem extends Error {
  override readonly name = "ApiProblem";
  constructor(
    /** The stable word at the end of `type`. */
    readonly slug: string,
    readonly status: number,
    readonly title: string,
    readonly detail: string,
    readonly field: string | null,
    readonly retryAfterS: number | null,
  ) {
    super(title);
  }
}

/** No answer came at all; the screen says so in its own words. */
export const UNREACHABLE = "unreachable";
/** An answer that is no problem document, such as a proxy's own page. */
export const STRANGE = "strange";

const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** Reads a problem out of an answer's body; whatever is missing stays empty, never invented. */
export function problemOf(status: number, body: unknown, retryAfter: string | null): ApiProblem {
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null;
  if (typeof body !== "object" || body === null || !("type" in body)) {
    return new ApiProblem(STRANGE, status, "", "", null, seconds);
  }
  const said = body as Record<string, unknown>;
  const slug = text(said.type).split("/").at(-1) ?? STRANGE;
  const again = typeof said.retry_after === "number" ? said.retry_after : seconds;
  return new ApiProblem(slug, status, text(said.title), text(said.detail), text(said.field) || null, again);
}

/** What a failed call threw, as a problem. */
export const asProblem = (error: unknown): ApiProblem =>
  error instanceof ApiProblem ? error : new ApiProblem(UNREACHABLE, 0, "", "", null, null);

/** Only what may pass by itself is asked again, and only when asking changes nothing. */
export const worthAnotherTry = (problem: ApiProblem): boolean => problem.status === 0 || problem.status >= 502;
