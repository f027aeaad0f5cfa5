/** Sizes on the canvas, in pixels: fixed, so that nothing has to be measured before it is drawn or arranged. */

import type { Axis } from "./axis";
import type { Point, Port, StepNode } from "./types";

export type Size = { width: number; height: number };

export const GRID = 8;
export const CARD: Size = { width: 256, height: 72 };
export const ENTRY_SIZE: Size = { width: 256, height: 72 };
/** Ports with names have a row at the foot of the card, each at least this wide; where the journey runs right, a row each. */
const PORTS_HEIGHT = 28;
const PORT_WIDTH = 96;
const WIDEST = 1248;
const PORT_ROW = 24;

/** A single port needs no name on the card. */
export const showsPorts = (ports: readonly Port[]): boolean => ports.length > 1;

export function sizeOf(ports: readonly Port[], axis: Axis): Size {
  if (!showsPorts(ports)) return CARD;
  if (axis.right) return { width: CARD.width, height: CARD.height + ports.length * PORT_ROW };
  return {
    width: Math.min(WIDEST, Math.max(CARD.width, ports.length * PORT_WIDTH)),
    height: CARD.height + PORTS_HEIGHT,
  };
}

export type SizeOf = (step: StepNode) => Size;

/** Where an edge leaves, from the upper left corner of its card: at the lower border, or at the right one. */
export function portAt(size: Size, ports: number, index: number, axis: Axis): Point {
  if (!axis.right) return { x: (size.width * (index + 0.5)) / Math.max(1, ports), y: size.height };
  return { x: size.width, y: ports > 1 ? CARD.height + PORT_ROW * (index + 0.5) : size.height / 2 };
}

/** Where edges arrive: at the upper border, or at the left one. */
export const arrivalAt = (size: Size, axis: Axis): Point => (axis.right ? { x: 0, y: size.height / 2 } : { x: size.width / 2, y: 0 });

/** The upper left corner of a card at which an edge arrives that ends here. */
export function cardFor(end: Point, axis: Axis): Point {
  const { x, y } = arrivalAt(CARD, axis);
  return { x: end.x - x, y: end.y - y };
}

export const onGrid = (point: Point): Point => ({ x: Math.round(point.x / GRID) * GRID, y: Math.round(point.y / GRID) * GRID });
