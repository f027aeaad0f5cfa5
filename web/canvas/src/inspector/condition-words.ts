/** What the server tells of conditions (`conditions` of `GET /api/step-types`). */

import { useStepTypes } from "@/document/step-types";
import type { JsonObject, Text } from "@/document/types";
import { initialObject, type Schema } from "./schema";

export type Operand = "none" | "one" | "many";
export type ConditionWords = {
  groups: { kind: string; title: Text }[];
  leaves: { kind: string; title: Text; schema: Schema }[];
  operators: Record<string, { label: Text; operand: Operand; numbers: boolean }>;
  measures: Record<string, { label: Text; property: boolean }>;
  sources: Record<string, Text>;
  stages: Record<string, Text>;
  purposes: Record<string, Text>;
};

export const useConditionWords = (): ConditionWords | undefined =>
  useStepTypes((types) => (types.rest as unknown as { conditions?: ConditionWords }).conditions);

/** A sentence of a kind, as empty as it may be. */
export function newLeaf(schema: Schema): JsonObject {
  return initialObject(schema, schema);
}

const OF_TEXT = new Set(["contains", "starts_with", "in", "not_in"]);
const OF_YES_AND_NO = new Set(["eq", "ne", "exists", "missing"]);

/** Comparisons that say something about a type; `kept` stays among them. */
export function operatorsFor(words: ConditionWords, type: string, kept: string): string[] {
  return Object.keys(words.operators).filter((name) => {
    if (name === kept) return true;
    if (type === "boolean") return OF_YES_AND_NO.has(name);
    if (type === "amount") return !OF_TEXT.has(name);
    return type !== "number" || (name !== "contains" && name !== "starts_with");
  });
}
