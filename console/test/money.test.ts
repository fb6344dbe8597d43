import { describe, expect, test } from "vitest";
import { parseYuan, percent, sum, yuan } from "../src/lib/money";

describe("money", () => {
  test("is written with separators and two decimals", () => {
    expect(yuan(106_110_000)).toBe("1,061,100.00");
    expect(yuan(5)).toBe("0.05");
    expect(yuan(0)).toBe("0.00");
    expect(yuan(-123_456)).toBe("−1,234.56");
  });
  test("stays exact beyond what a float holds", () => {
    expect(yuan(9_007_199_254_740_993n)).toBe("90,071,992,547,409.93");
    expect(sum([9_007_199_254_740_993n, 1])).toBe(9_007_199_254_740_994n);
  });
  test("is read as people type it", () => {
    expect(parseYuan("1,061,100.00")).toBe(106_110_000);
    expect(parseYuan(" ¥ 88.5 ".replaceAll(" ", ""))).toBe(8_850);
    expect(parseYuan("１００元")).toBe(10_000);
    expect(parseYuan("0.1")).toBe(10);
  });
  test("is refused rather than rounded", () => {
    for (const slip of ["", "abc", "1.234", "-5", "1e3", "12..3", "99999999999999"]) expect(parseYuan(slip), slip).toBeNull();
  });
  test("fills a bar between nothing and the whole", () => {
    expect(percent(50, 200)).toBe(25);
    expect(percent(300, 200)).toBe(100);
    expect(percent(1, 0)).toBe(0);
  });
});
