/** The channels of messages, as the server lists them. Nothing in the canvas names one. */

import type { Answer } from "@/api/types";
import { useStepTypes } from "@/document/step-types";
import { say } from "@/words";

export type Channel = Answer<"/api/step-types", "get">["channels"][number];

/** Content for which only the template editor has a form. Blocks of a file are kept, and saved with a template. */
export const OF_TEMPLATES = ["blocks", "theme"];
/** What a message has on a channel that the server no longer knows. */
const OF_UNKNOWN = ["subject", "body"];

const named = (channels: Channel[], name: string): Channel | undefined => channels.find((one) => one.name === name);

/** undefined: a channel that the server does not know (any more). */
export const useChannel = (name: string): Channel | undefined => useStepTypes((state) => named(state.channels, name));

/** The same where no component asks. */
export const channelOf = (name: string): Channel | undefined => named(useStepTypes.getState().channels, name);

/** What a channel is called; by its own name where the server does not know it. */
export function useChannelTitle(): (name: string) => string {
  const channels = useStepTypes((state) => state.channels);
  return (name) => {
    const channel = named(channels, name);
    return channel ? say(channel.title) : name;
  };
}

/** Content that some channel shows, but none of these. It is kept, for a fallback that does. */
export function notShown(channels: Channel[], names: readonly string[]): string[] {
  const all = new Set(channels.flatMap((one) => one.fields));
  const shown = names.map((name) => named(channels, name)?.fields);
  return [...all].filter((field) => shown.every((fields) => fields && !fields.includes(field)));
}

/** What a template may say on a channel of a step's own content; null: its owner has to approve the text. */
export function writable(channels: Channel[], name: string): readonly string[] | null {
  const channel = named(channels, name);
  if (!channel) return OF_UNKNOWN;
  if (channel.approved) return null;
  return channel.preview === "mail" ? [...channel.fields, ...OF_TEMPLATES] : channel.fields;
}
