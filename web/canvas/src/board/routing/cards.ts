/** Where cards lie, to ask quickly what is in the way. Pure geometry, in pixels of the canvas. */

import type { Point } from "@/document/types";

export type Box = { left: number; top: number; right: number; bottom: number };
export type Card = Box & { id: string };
/** How far lines stay away from cards, to the sides and above and below. */
export type Clearance = { side: number; over: number };

const ROW = 256;

export const around = (points: readonly Point[], by: number): Box => ({
  left: Math.min(...points.map((one) => one.x)) - by,
  top: Math.min(...points.map((one) => one.y)) - by,
  right: Math.max(...points.map((one) => one.x)) + by,
  bottom: Math.max(...points.map((one) => one.y)) + by,
});

export const meet = (a: Box, b: Box): boolean => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Cards by rows, so that a question looks at those near it only. */
export class Cards {
  private readonly rows = new Map<number, Card[]>();

  constructor(readonly all: ReadonlyMap<string, Card>) {
    for (const card of all.values()) {
      for (let row = Math.floor(card.top / ROW); row <= Math.floor(card.bottom / ROW); row += 1) {
        const there = this.rows.get(row);
        if (there) there.push(card);
        else this.rows.set(row, [card]);
      }
    }
  }

  within(region: Box): Card[] {
    const found = new Set<Card>();
    const last = Math.floor(region.bottom / ROW);
    if (last - Math.floor(region.top / ROW) > this.rows.size) return [...this.all.values()].filter((card) => meet(card, region));
    for (let row = Math.floor(region.top / ROW); row <= last; row += 1) {
      for (const card of this.rows.get(row) ?? []) if (meet(card, region)) found.add(card);
    }
    return [...found];
  }

  /** Whether a line passes all cards at a distance; the two that it joins it may come as near as it likes, but not enter. */
  clear(points: readonly Point[], keep: Clearance, joined: readonly string[]): boolean {
    for (let n = 1; n < points.length; n += 1) {
      const line = around(points.slice(n - 1, n + 1), 0);
      const region = { left: line.left - keep.side, right: line.right + keep.side, top: line.top - keep.over, bottom: line.bottom + keep.over };
      if (this.within(region).some((card) => !joined.includes(card.id) || meet(card, line))) return false;
    }
    return true;
  }
}
