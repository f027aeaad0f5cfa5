/** Where on a line its "+" or its count lies: where the line is alone, off every card and every other label. */

import type { Point } from "@/document/types";
import { type Box, type Cards, meet } from "./cards";
import type { Taken } from "./taken";

export type Labelled = { id: string; target: string; points: Point[] };

/** Half of a label: a "+" and a short count. */
const HALF = { x: 26, y: 12 };
/** So long a stretch is as good as any longer one. */
const LONG = 96;
const WORST = { card: 1000, label: 400, shared: 300, crossing: 60 };
const SHARES = [0.5, 0.3, 0.7];

export function labels(lines: readonly Labelled[], cards: Cards, taken: Taken, turned: boolean): Map<string, Point> {
  const half = turned ? { x: HALF.y, y: HALF.x } : HALF;
  const placed = new Placed();
  const found = new Map<string, Point>();
  for (const line of lines) {
    let best = { score: -Infinity, at: line.points[0] as Point };
    for (let n = 1; n < line.points.length; n += 1) {
      const [a, b] = [line.points[n - 1] as Point, line.points[n] as Point];
      for (const share of SHARES) {
        const at = { x: a.x + (b.x - a.x) * share, y: a.y + (b.y - a.y) * share };
        const box = boxAt(at, half);
        const length = Math.min(LONG, Math.abs(b.x - a.x) + Math.abs(b.y - a.y));
        const score = length - 40 * Math.abs(share - 0.5) - cost(line, box, a.y === b.y, cards, taken) - (placed.meets(box) ? WORST.label : 0);
        if (score > best.score) best = { score, at };
      }
    }
    found.set(line.id, best.at);
    placed.add(boxAt(best.at, half));
  }
  return found;
}

const boxAt = ({ x, y }: Point, half: Point): Box => ({ left: x - half.x, right: x + half.x, top: y - half.y, bottom: y + half.y });

function cost(line: Labelled, box: Box, level: boolean, cards: Cards, taken: Taken): number {
  let all = cards.within(box).length > 0 ? WORST.card : 0;
  for (const other of taken.within(box)) {
    if (other.id === line.id) continue;
    all += other.level === level ? WORST.shared : WORST.crossing;
  }
  return all;
}

const CELL = 64;

/** Labels that have their place. */
class Placed {
  private readonly cells = new Map<string, Box[]>();

  add(box: Box): void {
    const cell = this.cellOf(box, 0, 0);
    this.cells.set(cell, [...(this.cells.get(cell) ?? []), box]);
  }

  meets(box: Box): boolean {
    for (const row of [-1, 0, 1]) {
      for (const column of [-1, 0, 1]) if (this.cells.get(this.cellOf(box, row, column))?.some((other) => meet(other, box))) return true;
    }
    return false;
  }

  private cellOf(box: Box, row: number, column: number): string {
    return `${Math.floor(box.top / CELL) + row} ${Math.floor(box.left / CELL) + column}`;
  }
}
