/** A message template as the API tells it, and places in its document. */

import type { Json, JsonObject, LocalText, Problem, Text } from "@/document/types";
import { isObject } from "@/inspector/paths";
import type { Schema } from "@/inspector/schema";

export const CHANNELS = ["email", "sms", "alimtalk", "kakao_brand", "push", "web_push", "in_app"] as const;
export type Channel = (typeof CHANNELS)[number];

export type Use = { key: string; name: LocalText; status: string; live: boolean };
export type Template = {
  key: string;
  document: JsonObject;
  name: LocalText;
  revision: number;
  live_revision: number | null;
  has_changes: boolean;
  used_since: string | null;
  used_by: Use[];
  edited_by: string | null;
  edited_at: string;
  archived_at: string | null;
  problems: Problem[];
};
export type ChannelForm = { channel: Channel; title: Text; schema: Schema; defaults: Record<string, JsonObject> };
export type BlockForm = { kind: string; title: Text; icon: string; schema: Schema };
export type Forms = { settings: Schema; variable: Schema; channels: ChannelForm[]; blocks: BlockForm[]; theme: Schema | null };
export type Button = { name: string; kind?: string; url?: string };
/** The message as one customer would read it (`POST /api/previews/template`). */
export type Look = {
  channel: Channel;
  locale: string;
  subject: string;
  preheader: string;
  body: string;
  html: string | null;
  mjml: string | null;
  options: {
    image?: string;
    link?: string;
    wide?: boolean;
    buttons?: Button[];
    coupon?: { title: string; description?: string };
    data?: { look?: string };
    template_code?: string;
  };
  missing: string[];
  refused: Text | null;
  problems: Problem[];
  facts: { characters: number; bytes: number; limit: number | null; unit: "characters" | "bytes"; form: string; fits: boolean };
  notes: Text[];
};

const member = (value: Json | undefined, name: string): JsonObject => {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
};
export const channelsOf = (document: JsonObject): JsonObject => member(document, "channels");
export const languagesOn = (document: JsonObject, channel: Channel): JsonObject => member(channelsOf(document), channel);
export const wordsOf = (document: JsonObject, channel: Channel, locale: string): JsonObject => member(languagesOn(document, channel), locale);
export const blocksOf = (words: JsonObject): JsonObject[] => (Array.isArray(words.blocks) ? words.blocks.filter(isObject) : []);

/** The document with the words of one channel in one language; undefined takes them out, and the channel with its last. */
export function withWords(document: JsonObject, channel: Channel, locale: string, words: JsonObject | undefined): JsonObject {
  const { [locale]: _, ...others } = languagesOn(document, channel);
  const languages: JsonObject = words === undefined ? others : { ...languagesOn(document, channel), [locale]: words };
  const { [channel]: __, ...rest } = channelsOf(document);
  const channels: JsonObject = Object.keys(languages).length === 0 ? rest : { ...channelsOf(document), [channel]: languages };
  return { ...document, channels };
}

/** Dotted paths that any text of the document reads from the event or the journey, such as `entry.cart_id`. */
export function asked(document: JsonObject): string[] {
  const texts = JSON.stringify(channelsOf(document));
  const found = [...texts.matchAll(/\b(?:entry|event|var)(?:\.[A-Za-z_]\w*)+/g)].map((one) => one[0].replace(/^event/, "entry"));
  return [...new Set(found)].sort();
}

/** Every variable that any text reads: those that a rule can be set for. */
export function variablesIn(document: JsonObject): string[] {
  const texts = JSON.stringify(channelsOf(document));
  const found = [...texts.matchAll(/\{[{%][^}]*?\b((?:customer|entry|event|var)(?:\.[A-Za-z_]\w*)+)/g)].map((one) => one[1] ?? "");
  return [...new Set(found)].sort();
}

const AMOUNT = /price|total|revenue|amount|value|sum|points/;

/** What stands for a value of an event or of a journey until somebody writes another. */
export const sample = (path: string): string => {
  const name = path.split(".").at(-1) ?? path;
  if (/until|date|_at$/.test(name)) return "2027-03-31";
  if (name === "code") return "WELCOME10";
  return AMOUNT.test(name) ? "29000" : /count|quantity/.test(name) ? "2" : `[${name}]`;
};

/** Paths and their values as the nested objects that a preview wants: `{entry: {…}, var: {…}}`. */
export function nested(values: Record<string, string>): Record<"entry" | "var", JsonObject> {
  const made: Record<"entry" | "var", JsonObject> = { entry: {}, var: {} };
  for (const [path, text] of Object.entries(values)) {
    const [root, ...names] = path.split(".");
    if ((root !== "entry" && root !== "var") || names.length === 0 || text === "") continue;
    let node: JsonObject = made[root];
    for (const name of names.slice(0, -1)) {
      const inner = node[name];
      node = isObject(inner) ? inner : ((node[name] = {}) as JsonObject);
    }
    node[names.at(-1) ?? ""] = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  }
  return made;
}
