/** Sizes on the canvas, in pixels: fixed, so that nothing has to be measured before it is drawn or arranged. */

import type { Point, Port, StepNode } from "./types";

export type Size = { width: number; height: number };

export const GRID = 8;
export const CARD: Size = { width: 256, height: 72 };
export const ENTRY_SIZE: Size = { width: 256, height: 72 };
/** Ports with names have a row at the foot of the card, each at least this wide. */
const PORTS_HEIGHT = 28;
const PORT_WIDTH = 96;
const WIDEST = 1248;

/** A single port needs no name on the card. */
export const showsPorts = (ports: readonly Port[]): boolean => ports.length > 1;

export function sizeOf(ports: readonly Port[]): Size {
  if (!showsPorts(ports)) return CARD;
  return {
    width: Math.min(WIDEST, Math.max(CARD.width, ports.length * PORT_WIDTH)),
    height: CARD.height + PORTS_HEIGHT,
  };
}

export type SizeOf = (step: StepNode) => Size;

/** Distance of a port from the left border of its card. */
export const portX = (size: Size, ports: number, index: number): number => (size.width * (index + 0.5)) / Math.max(1, ports);

export const onGrid = (point: Point): Point => ({ x: Math.round(point.x / GRID) * GRID, y: Math.round(point.y / GRID) * GRID });
