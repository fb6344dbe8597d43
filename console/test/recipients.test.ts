import { describe, expect, it } from "vitest";
import { peopleOf } from "../src/screens/goods/recipients";

describe("a pasted list of recipients", () => {
  it("is a name and a number in each line, however they are parted", () => {
    const { people, wrong } = peopleOf("王小明 2\n\n李小红，3\r\n张 小 四\t10\n");
    expect(wrong).toBeNull();
    expect(people).toEqual([{ name: "王小明", quantity: 2 }, { name: "李小红", quantity: 3 }, { name: "张 小 四", quantity: 10 }]);
  });
  it("names the line that is none, and an empty one is no list", () => {
    expect(peopleOf("王小明 2\n李小红").wrong).toBe(2);
    expect(peopleOf("王小明 0").wrong).toBe(1);
    expect(peopleOf(" \n").wrong).toBe(1);
  });
});
