/** Names of ways out. They are what lines hang on, so they change as rarely as can be. */

import { portOf } from "@/document/edit";
import type { JourneyDocument, LocalText } from "@/document/types";

const LONGEST = 40;

/** A name of letters, digits and hyphens out of words; empty where the words have none (Korean). */
export function slug(words: string): string {
  const plain = words
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, LONGEST)
    .replace(/-+$/, "");
}

/** The name itself, or with the first number that makes it free. */
export function freeName(wanted: string, taken: ReadonlySet<string>): string {
  const stem = wanted || "way";
  if (!taken.has(stem)) return stem;
  let n = 2;
  while (taken.has(`${stem}-${n}`)) n += 1;
  return `${stem}-${n}`;
}

/** Whether the name was made by us for want of a better one. */
export const isMadeUp = (port: string, stem: string): boolean => new RegExp(`^${stem.replace(/[^a-z0-9_-]/g, "")}(-\\d+)?$`).test(port);

/** What a way is called once it has a label: a name out of it, unless a line already hangs on the name that it has. */
export function portFor(current: string, label: LocalText, stem: string, others: ReadonlySet<string>, isConnected: boolean): string {
  const wanted = slug(label.en ?? "") || slug(Object.values(label).find((words) => slug(words)) ?? "");
  if (isConnected || wanted === "" || !isMadeUp(current, stem)) return current;
  return freeName(wanted, others);
}

/** Another name for a way out; the lines that hang on it stay. */
export function renamePort(document: JourneyDocument, step: string, from: string, to: string): JourneyDocument {
  const edges = document.edges.map((edge) => (edge.from === step && portOf(edge) === from ? { ...edge, port: to } : edge));
  return { ...document, edges };
}

/** Takes away the lines of a way that is gone. */
export function withoutPort(document: JourneyDocument, step: string, port: string): JourneyDocument {
  return { ...document, edges: document.edges.filter((edge) => !(edge.from === step && portOf(edge) === port)) };
}

/** Weights of equal arms that add up to a hundred. */
export function equalWeights(arms: number): number[] {
  const each = Math.floor(100 / arms);
  return Array.from({ length: arms }, (_, n) => each + (n < 100 - each * arms ? 1 : 0));
}
