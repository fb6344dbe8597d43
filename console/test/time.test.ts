import { describe, expect, test } from "vitest";
import { age, dayOf, instant, isDay, moment, monthOf } from "../src/lib/time";

describe("time", () => {
  test("is Beijing's on every machine", () => {
    expect(moment("2026-05-07T16:30:00Z")).toBe("2026-05-08 00:30");
    expect(dayOf(new Date("2026-05-07T15:59:59Z"))).toBe("2026-05-07");
    expect(dayOf(new Date("2026-05-07T16:00:00Z"))).toBe("2026-05-08");
    expect(instant("2026-05-08", "00:30")).toBe("2026-05-07T16:30:00.000Z");
  });
  test("knows days that exist", () => {
    expect(isDay("2026-02-28")).toBe(true);
    expect(isDay("2026-02-29")).toBe(false);
    expect(isDay("2026-2-1")).toBe(false);
    expect(monthOf("2026-05-31")).toBe("2026-05-01");
  });
  test("says how long something waited in the largest fitting unit", () => {
    const now = new Date("2026-05-08T12:00:00Z");
    expect(age("2026-05-08T11:50:30Z", now)).toEqual({ count: 9, unit: "minutes" });
    expect(age("2026-05-07T00:00:00Z", now)).toEqual({ count: 36, unit: "hours" });
    expect(age("2026-05-05T12:00:00Z", now)).toEqual({ count: 3, unit: "days" });
    expect(age("2026-05-08T12:00:05Z", now)).toEqual({ count: 0, unit: "minutes" });
  });
});
