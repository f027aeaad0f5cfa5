/** The canvas's own words (`web/locale/canvas.{en,ko}.json`). What a step is called comes from the server. */

import i18next from "i18next";
import type { LocalText, Text } from "@/document/types";
import type en from "../../locale/canvas.en.json";

/** One language is loaded, the page's. */
const WORDS = {
  en: () => import("../../locale/canvas.en.json"),
  ko: () => import("../../locale/canvas.ko.json"),
};
type Key = keyof typeof en;
let spoken: Partial<Record<Key, string>> = {};

export type Language = "en" | "ko";

export const language = (): Language => (document.documentElement.lang.startsWith("ko") ? "ko" : "en");

export async function startWords(): Promise<void> {
  const { default: translation } = await WORDS[language()]();
  spoken = translation;
  await i18next.init({
    lng: language(),
    fallbackLng: language(),
    resources: { [language()]: { translation } },
    interpolation: { escapeValue: false, prefix: "{", suffix: "}" }, // React escapes; placeholders as everywhere in Sojourn
    keySeparator: false,
    nsSeparator: false,
    pluralSeparator: "__",
  });
}

/** The words of the page, by key: its language does not change, so that no component has to listen. */
export function word(key: Key, parameters?: Record<string, unknown>): string {
  return parameters ? (i18next.t(key, parameters) as string) : (spoken[key] ?? key);
}

export const useWords = (): typeof word => word;

/** A phrase of the server's in the reader's language. */
export const say = (text: Text): string => text[language()];

/** Words that a marketer wrote, by language; any language that has them is better than none. */
export function inLocale(words: LocalText | undefined, otherwise = ""): string {
  if (typeof words === "string") return words || otherwise; // a file may say it once for every language
  const found = words?.[language()] || words?.ko || words?.en || Object.values(words ?? {}).find(Boolean);
  return found || otherwise;
}

export const number = (value: number): string => new Intl.NumberFormat(language()).format(value);
