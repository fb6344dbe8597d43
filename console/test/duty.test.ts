import { expect, test } from "vitest";
import type { FormOut } from "../src/api/duty";
import { hoursOf, isKey, optionsOf, toSend, typedOf } from "../src/screens/duty/form";
import { dayAfter, mondayOf, spanWords } from "../src/screens/duty/week";

test("hours are read as people type them, in order and once", () => {
  expect(hoursOf("18:00 8:00，08:00；23:59")).toEqual(["08:00", "18:00", "23:59"]);
  for (const bad of ["", "24:00", "8", "08:60", "08:00 noon"]) expect(hoursOf(bad)).toBeNull();
});

test("choices have keys of their own unless they are written", () => {
  expect(optionsOf("open = clear\n\nblocked").map((one) => [one.key, one.title.zh])).toEqual([["open", "clear"], ["o2", "blocked"]]);
  expect([isKey("moved_1"), isKey("Moved"), isKey("a-b")]).toEqual([true, false, false]);
});

const known: FormOut = {
  id: "f", unit: "u", version: 2, reach: "chosen", units: ["a"], published_at: "2026-05-08T00:00:00Z", closed_at: null, emergency: null,
  form: {
    title: { zh: "flash", en: "" }, first_day: "2026-05-08", last_day: null, grace_minutes: 15, remind_minutes: 30, rhythm: { kind: "weekly", weekdays: [1, 5], hour: "17:00" },
    fields: [
      { key: "moved", title: { zh: "moved", en: "" }, required: true, ask: { kind: "number", unit: { zh: "p", en: "" }, min: null, max: 9 } },
      { key: "f2", title: { zh: "road", en: "" }, required: false, ask: { kind: "choice", options: [{ key: "open", title: { zh: "clear", en: "" } }, { key: "o2", title: { zh: "cut", en: "" } }] } },
    ],
  },
};

test("a form that is opened and sent unchanged is the same form", () => {
  expect(toSend(typedOf(known))).toEqual({ form: known.form, reach: "chosen", units: ["a"] });
});

test("a new field gets a key that no other has, so that a version keeps the columns of the one before", () => {
  const typed = typedOf(known);
  const sent = toSend({ ...typed, fields: [...typed.fields, { title_zh: "need", kind: "money" }, { title_zh: "words", kind: "text" }] });
  const keys = sent.form.fields.map((field) => field.key);
  expect(keys).toEqual(["moved", "f2", "f3", "f4"]);
  expect(toSend({ ...typed, fields: [{ title_zh: "x", kind: "number" }, ...typed.fields, { title_zh: "y", kind: "number" }] }).form.fields.map((field) => field.key)).toEqual(["f1", "moved", "f2", "f4"]);
});

test("a week begins on Monday and spans are told in Beijing time", () => {
  expect([mondayOf("2026-05-08"), mondayOf("2026-05-10"), mondayOf("2026-05-11")]).toEqual(["2026-05-04", "2026-05-04", "2026-05-11"]);
  expect(dayAfter("2026-02-28", 1)).toBe("2026-03-01");
  expect(spanWords({ from: "2026-05-08T00:00:00Z", to: "2026-05-08T12:00:00Z" })).toBe("05-08 08:00–20:00");
  expect(spanWords({ from: "2026-05-08T12:00:00Z", to: "2026-05-09T00:00:00Z" })).toBe("05-08 20:00–05-09 08:00");
});
