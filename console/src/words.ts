import i18next from "i18next";
import { initReactI18next, useTranslation } from "react-i18next";
import type catalogue from "../../locales/en.json";
import { load, save } from "./lib/stored";

/** The rule of a pool is told in the words in which the server publishes it. */
type Ours<Key> = Key extends `console.${infer Rest}` ? Rest : Key extends `match.${"rule" | "cap"}.${string}` ? Key : never;
/** A key of the console's part of the catalogue. */
export type Word = Ours<keyof typeof catalogue>;
export type Places = Record<string, string | number>;
export type Say = (word: Word, places?: Places) => string;

export const LANGUAGES = ["zh-Hans", "en"] as const;
export type Language = (typeof LANGUAGES)[number];
const KEPT = "language";

const texts: Record<Language, () => Promise<{ default: Record<string, string> }>> = {
  "zh-Hans": () => import("virtual:words/zh-Hans"),
  en: () => import("virtual:words/en"),
};

function preferred(): Language {
  const kept = load<Language>(KEPT);
  if (kept && LANGUAGES.includes(kept)) return kept;
  return navigator.language.startsWith("zh") ? "zh-Hans" : "en";
}

async function bring(language: Language): Promise<void> {
  if (!i18next.hasResourceBundle(language, "translation")) {
    i18next.addResourceBundle(language, "translation", (await texts[language]()).default);
  }
}

/** Switches, and remembers it on this machine. */
export async function speak(language: Language): Promise<void> {
  await bring(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  save(KEPT, language);
}

/** Makes the words ready before the first screen: given at the start, since what is added later is copied word by word. */
export async function prepare(): Promise<void> {
  const language = preferred();
  const words = (await texts[language]()).default;
  await i18next.use(initReactI18next).init({
    lng: language,
    resources: { [language]: { translation: words } },
    fallbackLng: false,
    keySeparator: false,
    nsSeparator: false,
    interpolation: { prefix: "{", suffix: "}", escapeValue: false },
    react: { useSuspense: false },
  });
  document.documentElement.lang = language;
}

/** The words in the reader's language. */
export function useSay(): Say {
  const { t } = useTranslation();
  return (word, places) => t(word, places ?? {});
}

/** The language now. */
export const useLanguage = (): Language => (useTranslation().i18n.resolvedLanguage === "en" ? "en" : "zh-Hans");

/** A word that the server uses, in the reader's language; one we do not know is shown as it is rather than hidden. */
export function useWord(): (group: string, word: string) => string {
  const { t, i18n } = useTranslation();
  return (group, word) => (i18n.exists(`${group}.${word}`) ? t(`${group}.${word}`) : word);
}
