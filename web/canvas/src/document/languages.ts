/** In which languages a new message is begun: those that the journey speaks already. */

import type { Json, JsonObject, JourneyDocument } from "./types";

/** What is written once for each language: an object of objects under language tags. */
const isWritten = (value: Json | undefined, known: readonly string[]): value is Record<string, JsonObject> =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  Object.keys(value).length > 0 &&
  Object.entries(value).every(([tag, words]) => known.includes(tag) && typeof words === "object" && words !== null);

/** The languages of what a journey's steps say; none where nothing is said yet. */
export function languagesOf(document: Pick<JourneyDocument, "steps">, known: readonly string[]): string[] {
  const said = document.steps.flatMap((step) => Object.values(step.settings).filter((value) => isWritten(value, known)));
  return [...new Set(said.flatMap((written) => Object.keys(written)))];
}

/** Settings whose words are in the wanted languages only; whole where they have none of them. */
export function inLanguages(settings: JsonObject, wanted: readonly string[], known: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      if (!isWritten(value, known)) return [name, value];
      const kept = Object.entries(value).filter(([tag]) => wanted.includes(tag));
      return [name, kept.length > 0 ? Object.fromEntries(kept) : value];
    }),
  );
}
