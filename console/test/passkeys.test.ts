import { expect, test } from "vitest";
import { NoPasskey, bytesOf, inWords, textOf } from "../src/api/passkeys";
import { ApiProblem } from "../src/api/problem";

test("bytes go to and fro as base64url without padding, whatever their length", () => {
  for (const length of [0, 1, 2, 3, 16, 32, 164]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 37 + 250) % 256);
    const text = textOf(bytes.buffer);
    expect(text).toMatch(/^[A-Za-z0-9_-]*$/);
    expect(text).toBe(Buffer.from(bytes).toString("base64url"));
    expect([...bytesOf(text)]).toEqual([...bytes]);
  }
});

test("what the browser would not do gets our words, and a refusal of the server keeps its own", () => {
  const words = (why: string, host: string): [string, string] => [`title of ${why}`, `detail for ${host}`];
  const said = inWords(new NoPasskey("address", "give.example"), words) as ApiProblem;
  expect([said.slug, said.title, said.detail]).toEqual(["passkey-address", "title of address", "detail for give.example"]);
  const refused = new ApiProblem("passkey-last", 409, "t", "d", null, null);
  expect(inWords(refused, words)).toBe(refused);
});
