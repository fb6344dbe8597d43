import { expect, test, vi } from "vitest";
import { isAway, touched, whileHere } from "../src/lib/awake";

test("nothing is asked by itself once nobody is there, so that a forgotten session ends; who comes back sees the present", () => {
  vi.useFakeTimers({ now: new Date("2026-05-08T08:00:00Z") });
  const back = vi.fn();
  touched(Date.now(), back);
  expect(whileHere(30_000)()).toBe(30_000);
  vi.advanceTimersByTime(5 * 60_000 + 1);
  expect(isAway(Date.now())).toBe(true);
  expect(whileHere(30_000)()).toBe(false);
  touched(Date.now(), back);
  expect(back).toHaveBeenCalledTimes(1);
  expect(whileHere(30_000)()).toBe(30_000);
  vi.useRealTimers();
});
