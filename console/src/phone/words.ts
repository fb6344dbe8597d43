/** The phone app's part of the catalogue, one language a load. */
import type catalogue from "../../../locales/en.json";

type Ours<Key> = Key extends `phone.${infer Rest}` ? Rest : never;
export type Word = Ours<keyof typeof catalogue>;
export type Places = Record<string, string | number>;
export type Say = (word: Word, places?: Places) => string;
export type Language = "zh-Hans" | "en";

const texts: Record<Language, () => Promise<{ default: Record<string, string> }>> = {
  "zh-Hans": () => import("virtual:phone/zh-Hans"),
  en: () => import("virtual:phone/en"),
};

/** Brings a language; what it says has its places filled. */
export async function speaker(language: Language): Promise<Say> {
  const words = (await texts[language]()).default;
  const form = (word: string, places?: Places) => (String(places?.count) === "1" ? words[`${word}.one`] : undefined) ?? words[word] ?? word;
  return (word, places) => form(word, places).replace(/\{(\w+)\}/g, (whole, name: string) => String(places?.[name] ?? whole));
}
