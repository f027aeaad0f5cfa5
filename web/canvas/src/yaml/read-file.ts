/** Reads a journey file by the server, under the key of the open journey. */

import { ApiProblem, call } from "@/api/client";
import type { Answer } from "@/api/types";
import type { JourneyDocument, Problem } from "@/document/types";
import { word } from "@/words";

/** Largest file that the server takes, in bytes. */
const LARGEST = 8 * 1024 * 1024;

export type Read = { document: JourneyDocument; problems: Problem[] };

export const contentTypeOf = (name: string): string => (/\.json$/i.test(name) ? "application/json" : "application/yaml");

export async function readFile(file: File, key: string, signal: AbortSignal): Promise<Read> {
  if (file.size > LARGEST) throw new ApiProblem(413, "too_large", "", word("yaml.too_big"), null, {});
  const sent = { text: await file.text(), type: contentTypeOf(file.name) };
  const { data } = await call<Answer<"/api/journeys/read", "post">>("POST", "/api/journeys/read", { file: sent, signal });
  return { document: taken(data.document as Partial<JourneyDocument>, key), problems: data.problems };
}

/** The document of a file, completed with what the canvas needs to draw it, under this journey's key. */
export function taken(found: Partial<JourneyDocument>, key: string): JourneyDocument {
  const list = <T>(value: unknown): T[] => (Array.isArray(value) ? (value as T[]) : []);
  const object = <T extends object>(value: unknown, otherwise: T): T =>
    typeof value === "object" && value !== null && !Array.isArray(value) ? (value as T) : otherwise;
  return {
    ...found,
    key,
    name: object(found.name, {}),
    entry: object(found.entry, { triggers: [] }),
    steps: list<JourneyDocument["steps"][number]>(found.steps)
      .filter((step) => typeof step?.id === "string" && typeof step.kind === "string")
      .map((step) => ({ ...step, settings: object(step.settings, {}) })),
    edges: list<JourneyDocument["edges"][number]>(found.edges).filter((edge) => typeof edge?.from === "string" && typeof edge.to === "string"),
  };
}
