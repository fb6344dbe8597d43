import type { Ask, FormOut, Reach, ReportField, ReportForm } from "../../api/duty";

/** A field of a form as somebody types it. */
export type FieldLine = { key?: string; title_zh?: string; title_en?: string; kind?: Ask["kind"]; unit_zh?: string; max?: number | null; options?: string; required?: boolean };
/** A form as somebody types it. */
export type Typed = {
  unit?: string; title_zh: string; title_en?: string; rhythm: "daily" | "weekly"; hours: string; weekdays?: string[]; first_day: string; last_day?: string;
  grace_minutes: number; remind_minutes: number; reach: Reach; units?: string[]; fields: FieldLine[];
};

const TEXT_CHARS = 500;
const HOUR = /^([01]\d|2[0-3]):[0-5]\d$/;
const KEY = /^[a-z0-9_]{1,32}$/;

/** The hours somebody typed, in order; null when one of them is none. */
export function hoursOf(text: string): string[] | null {
  const parts = text.normalize("NFKC").split(/[\s,;，；、]+/).filter(Boolean).map((part) => (/^\d:\d\d$/.test(part) ? `0${part}` : part));
  return parts.length > 0 && parts.every((part) => HOUR.test(part)) ? [...new Set(parts)].sort() : null;
}

/** Choices, one a line; a word in front of `=` is the key, else it is numbered. */
export const optionsOf = (text: string): { key: string; title: { zh: string; en: string } }[] =>
  text.split("\n").map((line) => line.trim()).filter(Boolean).map((line, at) => {
    const [, key, title] = /^([a-z0-9_]+)\s*=\s*(.+)$/.exec(line) ?? [null, `o${at + 1}`, line];
    return { key: key ?? `o${at + 1}`, title: { zh: title ?? line, en: "" } };
  });

function askOf(line: FieldLine): Ask {
  if (line.kind === "money") return { kind: "money", max_fen: null };
  if (line.kind === "text") return { kind: "text", chars_max: line.max ?? TEXT_CHARS };
  if (line.kind === "choice") return { kind: "choice", options: optionsOf(line.options ?? "") };
  if (line.kind === "yes_no") return { kind: "yes_no" };
  return { kind: "number", unit: { zh: line.unit_zh?.trim() ?? "", en: "" }, min: null, max: line.max ?? null };
}

/** Words that are not typed are made: the same word is never given twice, so that a version keeps the others. */
function keyed(lines: FieldLine[]): ReportField[] {
  const used = new Set(lines.map((line) => line.key?.trim()).filter((key): key is string => Boolean(key)));
  return lines.map((line, at) => {
    let key = line.key?.trim() ?? "";
    for (let n = at + 1; key === ""; n++) if (!used.has(`f${n}`)) key = `f${n}`;
    used.add(key);
    return { key, title: { zh: line.title_zh?.trim() ?? "", en: line.title_en?.trim() ?? "" }, required: line.required ?? false, ask: askOf(line) };
  });
}

/** What is sent. */
export function toSend(typed: Typed): { form: ReportForm; reach: Reach; units: string[] } {
  const hours = hoursOf(typed.hours) ?? [];
  return {
    reach: typed.reach,
    units: typed.reach === "chosen" ? (typed.units ?? []) : [],
    form: {
      title: { zh: typed.title_zh.trim(), en: typed.title_en?.trim() ?? "" },
      fields: keyed(typed.fields),
      rhythm: typed.rhythm === "weekly" ? { kind: "weekly", weekdays: (typed.weekdays ?? []).map(Number).sort(), hour: hours[0] ?? "" } : { kind: "daily", hours },
      first_day: typed.first_day, last_day: typed.last_day ?? null, grace_minutes: typed.grace_minutes, remind_minutes: typed.remind_minutes,
    },
  };
}

/** A form as it would be typed, to be changed. */
export function typedOf(known: FormOut): Typed {
  const { form } = known;
  return {
    title_zh: form.title.zh, title_en: form.title.en, rhythm: form.rhythm.kind,
    hours: form.rhythm.kind === "daily" ? form.rhythm.hours.join(" ") : form.rhythm.hour,
    weekdays: form.rhythm.kind === "weekly" ? form.rhythm.weekdays.map(String) : [],
    first_day: form.first_day, ...(form.last_day ? { last_day: form.last_day } : {}), grace_minutes: form.grace_minutes, remind_minutes: form.remind_minutes,
    reach: known.reach, units: known.units,
    fields: form.fields.map(({ key, title, required, ask }) => ({
      key, title_zh: title.zh, title_en: title.en, required, kind: ask.kind,
      ...(ask.kind === "number" ? { unit_zh: ask.unit?.zh ?? "", max: ask.max ?? null } : {}),
      ...(ask.kind === "text" ? { max: ask.chars_max } : {}),
      ...(ask.kind === "choice" ? { options: ask.options.map((one) => `${one.key} = ${one.title.zh}`).join("\n") } : {}),
    })),
  };
}

export const isKey = (text: string): boolean => KEY.test(text);
