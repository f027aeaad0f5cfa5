/** A message template as the API describes it, and access to the parts of its document. */

import type { Answer } from "@/api/types";
import type { Json, JsonObject, Text } from "@/document/types";
import { isObject } from "@/forms/paths";
import type { Schema } from "@/forms/schema";
import type { SendOptions } from "@/phone/message";

type FormsAnswer = Answer<"/api/message-templates-forms", "get">;
type PreviewAnswer = Answer<"/api/previews/template", "post">;

/** A message template with its draft. */
export type Template = Answer<"/api/message-templates/{key}", "get">;
export type ChannelForm = Omit<FormsAnswer["channels"][number], "schema"> & { schema: Schema };
/** The API describes a block's form only as an object. */
export type BlockForm = { kind: string; title: Text; icon: string; schema: Schema; defaults: Record<string, JsonObject> };
export type Forms = { settings: Schema; variable: Schema; channels: ChannelForm[]; blocks: BlockForm[]; theme: Schema | null };

/** The message as one customer would read it. */
export type TemplatePreview = Omit<PreviewAnswer, "options"> & { options: SendOptions };

const member = (value: Json | undefined, name: string): JsonObject => {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
};
export const channelsOf = (document: JsonObject): JsonObject => member(document, "channels");
export const languagesOn = (document: JsonObject, channel: string): JsonObject => member(channelsOf(document), channel);
export const wordsOf = (document: JsonObject, channel: string, locale: string): JsonObject => member(languagesOn(document, channel), locale);
export const blocksOf = (words: JsonObject): JsonObject[] => (Array.isArray(words.blocks) ? words.blocks.filter(isObject) : []);

/** The document with the texts of one channel in one language changed; undefined removes them, and the channel with its last language. */
export function withWords(document: JsonObject, channel: string, locale: string, words: JsonObject | undefined): JsonObject {
  const { [locale]: _, ...others } = languagesOn(document, channel);
  const languages: JsonObject = words === undefined ? others : { ...languagesOn(document, channel), [locale]: words };
  const { [channel]: __, ...rest } = channelsOf(document);
  const channels: JsonObject = Object.keys(languages).length === 0 ? rest : { ...channelsOf(document), [channel]: languages };
  return { ...document, channels };
}

/** Dotted paths that some text of the document reads from the event or the journey, such as `entry.cart_id`. */
export function readPaths(document: JsonObject): string[] {
  const texts = JSON.stringify(channelsOf(document));
  const found = [...texts.matchAll(/\b(?:entry|event|var)(?:\.[A-Za-z_]\w*)+/g)].map((one) => one[0].replace(/^event/, "entry"));
  return [...new Set(found)].sort();
}

/** All variables that some text reads: those that can have a rule. */
export function variablesIn(document: JsonObject): string[] {
  const texts = JSON.stringify(channelsOf(document));
  const found = [...texts.matchAll(/\{[{%][^}]*?\b((?:customer|entry|event|var)(?:\.[A-Za-z_]\w*)+)/g)].map((one) => one[1] ?? "");
  return [...new Set(found)].sort();
}

const AMOUNT = /price|total|revenue|amount|value|sum|points/;

/** A sample value of an event or of a journey, until the reader types another. */
export const sample = (path: string): string => {
  const name = path.split(".").at(-1) ?? path;
  if (/until|date|_at$/.test(name)) return "2027-03-31";
  if (name === "code") return "WELCOME10";
  return AMOUNT.test(name) ? "29000" : /count|quantity/.test(name) ? "2" : `[${name}]`;
};

/** Paths and their values as the nested objects that a preview takes: `{entry: {…}, var: {…}}`. */
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
