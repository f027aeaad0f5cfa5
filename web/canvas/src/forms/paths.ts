/** Paths in a document, and problems by path. */

import type { Json, JsonObject, LocalText } from "@/document/types";

export type Path = readonly (string | number)[];

export const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Words by language from whatever a file holds; a plain text counts for every language. */
export function asLocal(value: unknown): LocalText {
  if (typeof value === "string") return { ko: value, en: value };
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).filter(([, words]) => typeof words === "string")) as LocalText;
}

/** The object with one member changed; `undefined` removes it. */
export function withMember(value: JsonObject, name: string, member: Json | undefined): JsonObject {
  const { [name]: _, ...others } = value;
  if (member === undefined) return others;
  return name in value ? { ...value, [name]: member } : { ...others, [name]: member };
}

/** The list with one item moved to another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const left = [...items];
  const [item] = left.splice(from, 1);
  if (item === undefined || to < 0 || to >= items.length) return [...items];
  left.splice(to, 0, item);
  return left;
}

/** `steps.3.settings.branches.0.when` → `settings.branches.0.when`: as it lies in the step itself. */
export const inStep = (field: string): string => field.replace(/^steps\.\d+\./, "");

/** Problems of a field. `whole`: also those of inner fields, for a field that one editor draws. */
export function problemsAt<P extends { field: string | null; parameters: JsonObject }>(problems: readonly P[], path: Path, whole: boolean): P[] {
  const place = path.join(".");
  return problems.filter((problem) => {
    const given = problem.field ?? (typeof problem.parameters.field === "string" ? problem.parameters.field : null);
    if (given === null) return false;
    const field = inStep(given);
    return [field, `settings.${field}`].some((one) => one === place || (whole && one.startsWith(`${place}.`)));
  });
}
