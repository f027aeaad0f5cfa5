/** Walks a journey along its edges: previous, next, siblings. */

import { axisOf } from "./axis";
import { portOf, type PortsOf } from "./edit";
import { positionOf } from "./lanes";
import { type Edge, ENTRY, type JourneyDocument } from "./types";

export type Direction = "up" | "down" | "left" | "right";

/** The edges that leave a step, in the order of its ports. */
export function outgoingEdges(document: JourneyDocument, id: string, portsOf: PortsOf): Edge[] {
  const step = document.steps.find((one) => one.id === id);
  const order = step ? portsOf(step).map((port) => port.name) : ["next"];
  const place = (edge: Edge): number => (order.indexOf(portOf(edge)) + order.length + 1) % (order.length + 1);
  return document.edges.filter((edge) => edge.from === id).sort((a, b) => place(a) - place(b));
}

/**
 * The step that an arrow key leads to: up against the edges, down along them, left and right to the siblings at the same
 * step; where the journey runs right, left against them, right along them, up and down to the siblings. Where no edge
 * leads, to the nearest in that direction.
 */
export function neighbour(document: JourneyDocument, id: string, direction: Direction, portsOf: PortsOf): string | null {
  const { right } = axisOf(document);
  const [on, back, next] = right ? (["right", "left", "down"] as const) : (["down", "up", "right"] as const);
  if (direction === on) return outgoingEdges(document, id, portsOf)[0]?.to ?? nearest(document, id, direction);
  const into = document.edges.filter((edge) => edge.to === id);
  if (direction === back) return into[0]?.from ?? nearest(document, id, direction);
  const parent = into[0]?.from;
  if (parent !== undefined) {
    const siblings = [...new Set(outgoingEdges(document, parent, portsOf).map((edge) => edge.to))];
    const sibling = siblings[siblings.indexOf(id) + (direction === next ? 1 : -1)];
    if (sibling !== undefined) return sibling;
  }
  return nearest(document, id, direction);
}

/** The steps from which a step can be reached. */
export function stepsBefore(document: JourneyDocument, id: string): Set<string> {
  const found = new Set<string>();
  const ahead = [id];
  while (ahead.length > 0) {
    const here = ahead.pop();
    for (const edge of document.edges) {
      if (edge.to === here && edge.from !== ENTRY && !found.has(edge.from)) {
        found.add(edge.from);
        ahead.push(edge.from);
      }
    }
  }
  return found;
}

/** The nearest step in a direction; distance to the side counts more. */
function nearest(document: JourneyDocument, id: string, direction: Direction): string | null {
  const from = positionOf(document, id);
  let best: string | null = null;
  let least = Infinity;
  for (const other of [ENTRY, ...document.steps.map((step) => step.id)]) {
    if (other === id) continue;
    const at = positionOf(document, other);
    const [dx, dy] = [at.x - from.x, at.y - from.y];
    const [along, aside] = direction === "left" || direction === "right" ? [dx, dy] : [dy, dx];
    const ahead = direction === "left" || direction === "up" ? -along : along;
    const distance = ahead + 3 * Math.abs(aside);
    if (ahead > 0 && Math.abs(aside) <= 2 * ahead && distance < least) [best, least] = [other, distance];
  }
  return best;
}
