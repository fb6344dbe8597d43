import { expect, test } from "vitest";
import { opens } from "../src/screens/goods/papers";

test("a movement's own paper opens, a receipt note only for who keeps the store", () => {
  expect(opens("RK-2026-0001", true)).toBe(true);
  expect(opens("RK-2026-0001", false)).toBe(false);
  expect(opens("BF-2026-0001", false)).toBe(true);
  for (const other of ["", "2026-0001", "count 0a", "loss 7"]) expect(opens(other, true)).toBe(false);
});
