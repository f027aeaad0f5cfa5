/** Moves a step up or down in its chain, with its edges and its position on the canvas. */

import { placed, portOf } from "@/document/edit";
import { own } from "@/document/table";
import { type Edge, ENTRY, type JourneyDocument } from "@/document/types";

/** Edges by source and by target. */
type Lines = { out: Map<string, Edge[]>; into: Map<string, Edge[]> };

function linesOf(document: JourneyDocument): Lines {
  const lines: Lines = { out: new Map(), into: new Map() };
  const put = (map: Map<string, Edge[]>, id: string, edge: Edge): void => void map.set(id, [...(map.get(id) ?? []), edge]);
  for (const edge of document.edges) {
    put(lines.out, edge.from, edge);
    put(lines.into, edge.to, edge);
  }
  return lines;
}

/** The edge between two steps of a chain that nothing else leads into: the two can be exchanged. */
function linkOf({ out, into }: Lines, upper: string, lower: string): Edge | null {
  const only = out.get(upper)?.length === 1 ? out.get(upper)?.[0] : undefined;
  const onward = out.get(lower) ?? [];
  const ring = onward[0]?.to === upper;
  return only?.to === lower && into.get(lower)?.length === 1 && onward.length <= 1 && !ring ? only : null;
}

/** The two that change places when a step moves up or down, the upper first. */
function pairOf(lines: Lines, id: string, by: -1 | 1): [string, string] | null {
  const neighbours = by < 0 ? (lines.into.get(id) ?? []).map((edge) => edge.from) : (lines.out.get(id) ?? []).map((edge) => edge.to);
  const other = neighbours.length === 1 ? neighbours[0] : undefined;
  if (other === undefined || other === id || other === ENTRY) return null;
  return by < 0 ? [other, id] : [id, other];
}

export type Moves = { up: boolean; down: boolean };

/** Which steps can move up or down, of the whole journey at once. */
export function movesOf(document: JourneyDocument): Map<string, Moves> {
  const lines = linesOf(document);
  const ids = new Set(document.steps.map((step) => step.id));
  const can = (id: string, by: -1 | 1): boolean => {
    const pair = pairOf(lines, id, by);
    return pair !== null && pair.every((one) => ids.has(one)) && linkOf(lines, ...pair) !== null;
  };
  return new Map(document.steps.map((step) => [step.id, { up: can(step.id, -1), down: can(step.id, 1) }]));
}

/** The document with the two exchanged; null where a branch, a merge or the entry prevents it. */
export function exchanged(document: JourneyDocument, id: string, by: -1 | 1): JourneyDocument | null {
  const lines = linesOf(document);
  const pair = pairOf(lines, id, by);
  const link = pair && linkOf(lines, ...pair);
  if (!pair || !link || !pair.every((one) => document.steps.some((step) => step.id === one))) return null;
  const [upper, lower] = pair;
  const onward = lines.out.get(lower)?.[0];
  const edges = document.edges.flatMap((edge): Edge[] => {
    if (edge === link) return [{ from: lower, port: onward ? portOf(onward) : "next", to: upper }];
    if (edge === onward) return [{ from: upper, port: portOf(link), to: edge.to }];
    return [edge.to === upper ? { ...edge, to: lower } : edge];
  });
  return { ...document, edges, layout: swapped(document, upper, lower) };
}

function swapped(document: JourneyDocument, upper: string, lower: string): JourneyDocument["layout"] {
  const [a, b] = [own(document.layout?.positions, upper), own(document.layout?.positions, lower)];
  return a && b ? placed(document, { [upper]: b, [lower]: a }) : document.layout;
}
