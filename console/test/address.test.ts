import { expect, test } from "vitest";
import { homeward } from "../src/lib/homeward";

test("after signing in one comes back to a screen of the console and nowhere else", () => {
  expect(homeward("/gifts?gift=abc")).toBe("/gifts?gift=abc");
  for (const elsewhere of [undefined, "", "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"]) {
    expect(homeward(elsewhere), String(elsewhere)).toBe("/work");
  }
});
