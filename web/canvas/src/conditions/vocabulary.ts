/** What conditions can be made of; the server lists it with the kinds of steps. */

import type { Answer } from "@/api/types";
import { useStepTypes } from "@/document/step-types";
import type { JsonObject } from "@/document/types";
import { initialObject, type Schema } from "@/forms/schema";

type Answered = Answer<"/api/step-types", "get">["conditions"];
export type ConditionVocabulary = Omit<Answered, "leaves"> & { leaves: (Omit<Answered["leaves"][number], "schema"> & { schema: Schema })[] };

export const useConditionVocabulary = (): ConditionVocabulary | null => useStepTypes((types) => types.conditions) as ConditionVocabulary | null;

/** A sentence of a kind, as empty as it may be. */
export const newLeaf = (schema: Schema): JsonObject => initialObject(schema, schema);

const OF_TEXT = new Set(["contains", "starts_with", "in", "not_in"]);
const OF_YES_AND_NO = new Set(["eq", "ne", "exists", "missing"]);

/** Comparisons that make sense for a type of value; `kept` stays among them. */
export function operatorsFor(vocabulary: ConditionVocabulary, type: string, kept: string): string[] {
  return Object.keys(vocabulary.operators).filter((name) => {
    if (name === kept) return true;
    if (type === "boolean") return OF_YES_AND_NO.has(name);
    if (type === "amount") return !OF_TEXT.has(name);
    return type !== "number" || (name !== "contains" && name !== "starts_with");
  });
}
