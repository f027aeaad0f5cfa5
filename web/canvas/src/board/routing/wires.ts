/**
 * The edges of a document and its jumps as lines between cards, each with its two ends. Pure geometry.
 *
 * Ways are worked out for journeys that run down. One that runs right is turned first, and its ways are turned back where
 * they are drawn.
 */

import { edgeId, portOf } from "@/document/edit";
import { positionOf } from "@/document/lanes";
import { type Axis, axisOf, turned } from "@/document/axis";
import { ENTRY_SIZE, portAt, type Size, sizeOf } from "@/document/size";
import { type Edge, ENTRY, type JourneyDocument, type Point, type Port, type StepNode } from "@/document/types";
import type { Card } from "./cards";
import { type Drawn, HANDLE, type Wire } from "./routes";

/** `targets`: where a step leads by its settings, not by an edge. */
export type Ways = { ports: (step: StepNode) => readonly Port[]; targets: (id: string) => readonly string[] };

export const jumpId = (from: string, to: string): string => `${from}>${to}`;

/** Edges without a target are left out; the list of problems names them. */
export function drawnOf(document: JourneyDocument, { ports, targets }: Ways): Drawn {
  const axis = axisOf(document);
  const cards = new Map<string, Card>();
  const put = (id: string, size: Size): void => {
    const { x, y } = upright(positionOf(document, id), axis);
    cards.set(id, { id, left: x, top: y, right: x + size[axis.breadth], bottom: y + size[axis.length] });
  };
  put(ENTRY, ENTRY_SIZE);
  const portsOf = new Map(document.steps.map((step) => [step.id, ports(step)]));
  for (const [id, own] of portsOf) put(id, sizeOf(own, axis));
  const wires = document.edges.flatMap((edge) => edgeWire(edge, cards, portsOf.get(edge.from), axis));
  const jumps = document.steps.flatMap((step) => targets(step.id).flatMap((to) => jumpWire(step.id, to, cards)));
  return { cards, wires: [...wires, ...jumps], stubs: stubsOf(document, cards, portsOf), turned: axis.right };
}

const upright = (point: Point, axis: Axis): Point => (axis.right ? turned(point) : point);

/** How far a port lies from the left border of its card, both turned. */
function portX(card: Card, ports: number, index: number, axis: Axis): number {
  const [width, height] = [card.right - card.left, card.bottom - card.top];
  const size = axis.right ? { width: height, height: width } : { width, height };
  return upright(portAt(size, ports, index, axis), axis).x;
}

/** Half the width, and the height, of the "+" below a port that leads nowhere: see `.stub`. */
const STUB = { half: 11, height: 42 };

function stubsOf(document: JourneyDocument, cards: ReadonlyMap<string, Card>, portsOf: ReadonlyMap<string, readonly Port[]>): Map<string, Card> {
  const used = new Set(document.edges.map(edgeId));
  const axis = axisOf(document);
  const stubs = new Map<string, Card>();
  for (const [source, ports] of portsOf) {
    const card = cards.get(source);
    if (!card) continue;
    for (const [n, port] of ports.entries()) {
      const id = edgeId({ from: source, port: port.name, to: "" });
      const x = card.left + portX(card, ports.length, n, axis);
      if (!used.has(id)) stubs.set(id, { id, left: x - STUB.half, right: x + STUB.half, top: card.bottom, bottom: card.bottom + STUB.height });
    }
  }
  return stubs;
}

function edgeWire(edge: Edge, cards: ReadonlyMap<string, Card>, ports: readonly Port[] | undefined, axis: Axis): Wire[] {
  const [source, target] = [cards.get(edge.from), cards.get(edge.to)];
  if (!source || !target) return [];
  const count = ports?.length ?? 1;
  const index = Math.max(0, ports?.findIndex((port) => port.name === portOf(edge)) ?? 0);
  const left = portX(source, count, index, axis);
  const from = { x: source.left + left, y: source.bottom + HANDLE };
  return [{ id: edgeId(edge), source: source.id, target: target.id, left: null, from, beside: { left, right: source.right - source.left - left }, index, count, ...arrival(target) }];
}

function jumpWire(id: string, to: string, cards: ReadonlyMap<string, Card>): Wire[] {
  const [source, target] = [cards.get(id), cards.get(to)];
  if (!source || !target) return [];
  const from = { x: source.right, y: (source.top + source.bottom) / 2 };
  const beside = { left: source.right - source.left, right: 0 };
  return [{ id: jumpId(id, to), source: id, target: to, from, left: { x: source.left, y: from.y }, beside, index: 0, count: 1, ...arrival(target) }];
}

const arrival = (card: Card) => ({ to: { x: (card.left + card.right) / 2, y: card.top - HANDLE }, half: (card.right - card.left) / 2 });
