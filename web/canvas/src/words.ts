/** The canvas's own words, in the language of its page. What a step is called comes from the server. */

import type { LocalText, Text } from "@/document/types";
import { page } from "@/page";
import { withParticles } from "@/particles";
import type { Key } from "@/word-keys.gen";

/** A phrase, or its forms by the plural category of `count`. */
type Words = string | Record<string, string>;
type Parameters = Record<string, unknown>;

/** A BCP 47 tag: one of the catalogues that the server has. */
export type Language = string;

let spoken: Partial<Record<Key, Words>> = {};
let plural: Intl.PluralRules | null = null;

export const language = (): Language => (typeof document === "undefined" ? "en" : document.documentElement.lang || "en");

/** Fetches the words from the address that the page names; its browser keeps them for ever. */
export async function startWords(): Promise<void> {
  const answer = await fetch(page.words);
  spoken = (await answer.json()) as Partial<Record<Key, Words>>;
}

/** The words of the page, by key: its language does not change, so that no component has to listen. */
export function word(key: Key, parameters?: Parameters): string {
  const words = spoken[key] ?? key;
  const form = typeof words === "string" ? words : formFor(words, parameters?.count);
  if (!parameters) return form;
  const said = form.replace(/\{(\w+)\}/g, (whole, name: string) => filled(name, parameters[name], whole));
  return language() === "ko" ? withParticles(said) : said;
}

function formFor(forms: Record<string, string>, count: unknown): string {
  plural ??= new Intl.PluralRules(language());
  const category = typeof count === "number" ? plural.select(count) : "other";
  return forms[category] ?? forms.other ?? Object.values(forms)[0] ?? "";
}

/** A count is grouped; a placeholder that nothing was given for stays, so that it is seen. */
function filled(name: string, value: unknown, placeholder: string): string {
  if (value === undefined) return placeholder;
  return name === "count" && typeof value === "number" ? number(value) : String(value);
}

export const useWords = (): typeof word => word;

/** A phrase of the server's in the reader's language. */
export const say = (text: Text): string => text[language()] ?? Object.values(text)[0] ?? "";

/** Words that a marketer wrote, by language; any language that has them is better than none. */
export function inLocale(words: LocalText | undefined, otherwise = ""): string {
  if (typeof words === "string") return words || otherwise; // a file may say it once for every language
  return words?.[language()] || Object.values(words ?? {}).find(Boolean) || otherwise;
}

export const number = (value: number): string => new Intl.NumberFormat(language()).format(value);
