/** Stretches of lines that are drawn already: others stay beside them and cross them seldom. */

import type { Point } from "@/document/types";
import { around, type Box, meet } from "./cards";

/** A straight piece of a line. `to`: the step that it leads to; lines to one step may run together. */
export type Stretch = Box & { id: string; to: string; level: boolean };

const CELL = 256;
/** Lines nearer to one another than this look like one. */
export const APART = 8;

export class Taken {
  private readonly cells = new Map<string, Stretch[]>();

  add(id: string, to: string, points: readonly Point[]): void {
    for (let n = 1; n < points.length; n += 1) {
      const [a, b] = [points[n - 1] as Point, points[n] as Point];
      const stretch = { ...around([a, b], 0), id, to, level: a.y === b.y };
      for (const cell of cellsOf(stretch)) {
        const there = this.cells.get(cell);
        if (there) there.push(stretch);
        else this.cells.set(cell, [stretch]);
      }
    }
  }

  within(region: Box): Set<Stretch> {
    const found = new Set<Stretch>();
    for (const cell of cellsOf(region)) for (const one of this.cells.get(cell) ?? []) if (meet(one, region)) found.add(one);
    return found;
  }

  /** Whether a line would run upon another that leads elsewhere. */
  shared(points: readonly Point[], to: string): boolean {
    for (let n = 1; n < points.length; n += 1) {
      const [a, b] = [points[n - 1] as Point, points[n] as Point];
      const level = a.y === b.y;
      const line = around([a, b], 0);
      const near = level ? { ...line, top: line.top - APART, bottom: line.bottom + APART } : { ...line, left: line.left - APART, right: line.right + APART };
      for (const other of this.within(near)) if (other.level === level && other.to !== to) return true;
    }
    return false;
  }
}

function* cellsOf(box: Box): Generator<string> {
  for (let row = Math.floor(box.top / CELL); row <= Math.floor(box.bottom / CELL); row += 1) {
    for (let column = Math.floor(box.left / CELL); column <= Math.floor(box.right / CELL); column += 1) yield `${row} ${column}`;
  }
}
