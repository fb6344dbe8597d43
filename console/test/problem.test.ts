import { describe, expect, test } from "vitest";
import { ApiProblem, STRANGE, UNREACHABLE, asProblem, problemOf, worthAnotherTry } from "../src/api/problem";

describe("a problem of the server", () => {
  test("keeps its words, its field and when to come back", () => {
    const body = { type: "/problems/invalid", title: "看不懂", detail: "没有改动。", status: 400, field: "payer.phone" };
    const problem = problemOf(400, body, null);
    expect(problem).toBeInstanceOf(ApiProblem);
    expect([problem.slug, problem.title, problem.detail, problem.field]).toEqual(["invalid", "看不懂", "没有改动。", "payer.phone"]);
    expect(problemOf(429, { ...body, type: "/problems/sign-in-locked" }, "60").retryAfterS).toBe(60);
    expect(problemOf(429, { ...body, retry_after: 5 }, "60").retryAfterS).toBe(5);
  });
  test("is not invented where a proxy answered with a page of its own", () => {
    expect(problemOf(502, null, null).slug).toBe(STRANGE);
    expect(problemOf(502, "<html>", null).title).toBe("");
    expect(problemOf(500, { message: "oops" }, null).slug).toBe(STRANGE);
  });
  test("of the line is named so, and only what may pass is tried again", () => {
    expect(asProblem(new TypeError("fetch failed")).slug).toBe(UNREACHABLE);
    expect(worthAnotherTry(asProblem(new TypeError("fetch failed")))).toBe(true);
    expect(worthAnotherTry(problemOf(503, null, null))).toBe(true);
    for (const status of [400, 401, 403, 404, 409, 422, 429, 500]) expect(worthAnotherTry(problemOf(status, null, null)), String(status)).toBe(false);
  });
});
