/** Names of ports. Edges are tied to them, so they change as rarely as possible. */

import { romanize } from "koroman";
import { portOf } from "@/document/edit";
import type { JourneyDocument, LocalText } from "@/document/types";

const LONGEST = 40;

const HANGUL = /[\u1100-\u11ff\u3131-\u318e\uac00-\ud7a3]/;

/** A name of Latin letters, digits and hyphens made from words; Hangul is romanised (Revised Romanization). */
export function slug(words: string): string {
  const composed = words.slice(0, 200).normalize("NFC");
  const plain = (HANGUL.test(composed) ? romanize(composed) : composed)
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, LONGEST)
    .replace(/-+$/, "");
}

/** The name, with a number where it is taken. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const stem = wanted || "path";
  if (!taken.has(stem)) return stem;
  let n = 2;
  while (taken.has(`${stem}-${n}`)) n += 1;
  return `${stem}-${n}`;
}

/** Whether the name was generated, not chosen. */
export const isMadeUp = (port: string, stem: string): boolean => new RegExp(`^${stem.replace(/[^a-z0-9_-]/g, "")}(-\\d+)?$`).test(port);

/** The name of a port once it has a label: made from the label, unless an edge is tied to the current name. */
export function portFor(current: string, label: LocalText, stem: string, others: ReadonlySet<string>, isConnected: boolean): string {
  const wanted = slug(label.en ?? "") || slug(Object.values(label).find((words) => slug(words)) ?? "");
  if (isConnected || wanted === "" || !isMadeUp(current, stem)) return current;
  return freeName(wanted, others);
}

/** Renames a port, and takes its edges along. */
export function renamePort(document: JourneyDocument, step: string, from: string, to: string): JourneyDocument {
  const edges = document.edges.map((edge) => (edge.from === step && portOf(edge) === from ? { ...edge, port: to } : edge));
  return { ...document, edges };
}

/** Removes the edges of a port that is gone. */
export function withoutPort(document: JourneyDocument, step: string, port: string): JourneyDocument {
  return { ...document, edges: document.edges.filter((edge) => !(edge.from === step && portOf(edge) === port)) };
}

/** Equal weights that add up to a hundred. */
export function equalWeights(arms: number): number[] {
  const each = Math.floor(100 / arms);
  return Array.from({ length: arms }, (_, n) => each + (n < 100 - each * arms ? 1 : 0));
}
