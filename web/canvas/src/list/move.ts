/** Moves a step one place up or down in its chain, lines and places on the canvas with it. */

import { placed, portOf } from "@/document/edit";
import type { Edge, JourneyDocument } from "@/document/types";

/** Whether two steps stand in one chain with nothing else leading in between: their places can be exchanged. */
function linkOf(document: JourneyDocument, upper: string, lower: string): Edge | null {
  const out = document.edges.filter((edge) => edge.from === upper);
  const into = document.edges.filter((edge) => edge.to === lower);
  const only = out.length === 1 ? out[0] : undefined;
  const onward = document.edges.filter((edge) => edge.from === lower);
  return only && only.to === lower && into.length === 1 && onward.length <= 1 ? only : null;
}

export function canMove(document: JourneyDocument, id: string, by: -1 | 1): boolean {
  return exchanged(document, id, by) !== null;
}

/** The document with the two exchanged; null where a branch, a merge or the entry is in the way. */
export function exchanged(document: JourneyDocument, id: string, by: -1 | 1): JourneyDocument | null {
  const ids = new Set(document.steps.map((step) => step.id));
  const neighbours = by < 0 ? document.edges.filter((edge) => edge.to === id).map((edge) => edge.from) : document.edges.filter((edge) => edge.from === id).map((edge) => edge.to);
  const other = neighbours.length === 1 ? neighbours[0] : undefined;
  if (other === undefined || !ids.has(other) || other === id) return null;
  const [upper, lower] = by < 0 ? [other, id] : [id, other];
  const link = linkOf(document, upper, lower);
  if (!link) return null;
  const onward = document.edges.find((edge) => edge.from === lower);
  if (onward?.to === upper) return null; // a ring of two
  const edges = document.edges.flatMap((edge): Edge[] => {
    if (edge === link) return [{ from: lower, port: onward ? portOf(onward) : "next", to: upper }];
    if (edge === onward) return [{ from: upper, port: portOf(link), to: edge.to }];
    return [edge.to === upper ? { ...edge, to: lower } : edge];
  });
  return { ...document, edges, layout: swapped(document, upper, lower) };
}

function swapped(document: JourneyDocument, upper: string, lower: string): JourneyDocument["layout"] {
  const [a, b] = [document.layout?.positions?.[upper], document.layout?.positions?.[lower]];
  return a && b ? placed(document, { [upper]: b, [lower]: a }) : document.layout;
}
