/** Steps as text in the clipboard: JSON, which can be pasted into another journey, and be read. */

import type { Clip } from "./edit";

const MOST = 2000;

export const toText = (clip: Clip): string => JSON.stringify(clip, null, 1);

/** The steps in a text from the clipboard, else null. Everything is checked: the text may come from anywhere. */
export function fromText(text: string): Clip | null {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(found) || found["sojourn"] !== "steps") return null;
  const { steps, edges, positions } = found;
  if (!Array.isArray(steps) || steps.length === 0 || steps.length > MOST || !steps.every(isStep)) return null;
  if (!Array.isArray(edges) || !edges.every(isEdge)) return null;
  const places = isObject(positions) ? Object.entries(positions).filter(([, at]) => isPoint(at)) : [];
  return { sojourn: "steps", steps, edges, positions: Object.fromEntries(places) } as Clip;
}

type Loose = Record<string, unknown>;
const isObject = (value: unknown): value is Loose => typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): boolean => typeof value === "string" && value.length <= 64;
const isStep = (value: unknown): boolean =>
  isObject(value) && typeof value["id"] === "string" && /^[a-z0-9][a-z0-9_-]{0,63}$/.test(value["id"]) && isText(value["kind"]) && isObject(value["settings"]);
const isEdge = (value: unknown): boolean =>
  isObject(value) && isText(value["from"]) && isText(value["to"]) && (value["port"] === undefined || isText(value["port"]));
const isPoint = (value: unknown): boolean => isObject(value) && Number.isFinite(value["x"]) && Number.isFinite(value["y"]);
