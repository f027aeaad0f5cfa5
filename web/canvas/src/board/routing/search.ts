/** The cheapest way between cards: A* over the lines that pass beside them. Bends, crossings and company cost like length. */

import type { Point } from "@/document/types";
import { type Box, type Card, type Clearance } from "./cards";
import { Heap } from "./heap";
import { APART, type Stretch } from "./taken";

const TRACK = 9;
const BEND = 36;
const CROSSING = 30;
/** Of running upon a line that leads elsewhere: once, and by length. */
const COMPANY = { once: 60, length: 4 };
/** From so many cards on, each has one line at its sides only, so that the search stays quick. */
const MANY = 24;

export type Place = { at: Point; level: boolean };
type Lines = { xs: number[]; ys: number[] };

/** What lies in the region that is searched. */
export type Surroundings = { cards: readonly Card[]; taken: Iterable<Stretch>; region: Box; keep: Clearance; target: string };

/** From one of some places to another, each with the direction of the line there. `null`: there is no way. */
export function cheapestWay(begins: readonly Place[], end: Place, near: Surroundings): Point[] | null {
  return new Grid(linesBeside([...begins, end], near), near).way(begins, end);
}

/** The lines that a way may follow: through its ends, and beside each card. */
function linesBeside(ends: readonly Place[], { cards, region, keep }: Surroundings): Lines {
  const xs = ends.map(({ at }) => at.x);
  const ys = ends.map(({ at }) => at.y);
  for (let n = 0; n < (cards.length > MANY ? 1 : 3); n += 1) {
    for (const card of cards) {
      xs.push(card.left - keep.side - n * TRACK, card.right + keep.side + n * TRACK);
      ys.push(card.top - keep.over - n * TRACK, card.bottom + keep.over + n * TRACK);
    }
  }
  const sorted = (all: number[], least: number, most: number): number[] => {
    const inside = [...new Set(all)].filter((one) => one >= least && one <= most);
    return inside.sort((a, b) => a - b);
  };
  return { xs: sorted(xs, region.left, region.right), ys: sorted(ys, region.top, region.bottom) };
}

/** The first index whose line does not lie before a place. */
function indexOf(lines: readonly number[], at: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((lines[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Crossings of the lines. `right`, `down`: what the way to the next crossing costs beside its length; Infinity behind a card. */
class Grid {
  private readonly right: Float64Array;
  private readonly down: Float64Array;
  private readonly wide: number;

  constructor(private readonly lines: Lines, { cards, taken, keep, target }: Surroundings) {
    this.wide = lines.xs.length;
    this.right = new Float64Array(this.wide * lines.ys.length);
    this.down = new Float64Array(this.wide * lines.ys.length);
    for (const card of cards) this.block(card, keep);
    for (const one of taken) {
      if (one.level) this.charge(one.top, one.left, one.right, one.to === target, true);
      else this.charge(one.left, one.top, one.bottom, one.to === target, false);
    }
  }

  private block(card: Box, keep: Clearance): void {
    const { xs, ys } = this.lines;
    const [left, right] = [indexOf(xs, card.left - keep.side), indexOf(xs, card.right + keep.side)];
    const [top, bottom] = [indexOf(ys, card.top - keep.over), indexOf(ys, card.bottom + keep.over)];
    const inside = (at: number | undefined, low: number, high: number): boolean => at !== undefined && at > low + 0.01 && at < high - 0.01;
    for (let j = top; j <= bottom && j < ys.length; j += 1) {
      for (let i = left; i <= right && i < xs.length; i += 1) {
        const n = j * this.wide + i;
        if (inside(ys[j], card.top - keep.over, card.bottom + keep.over) && i < right) this.right[n] = Infinity;
        if (inside(xs[i], card.left - keep.side, card.right + keep.side) && j < bottom) this.down[n] = Infinity;
      }
    }
  }

  /** What a line that is there already costs: beside and upon it, and across it. `level`: it runs from left to right. */
  private charge(at: number, from: number, to: number, together: boolean, level: boolean): void {
    const { xs, ys } = this.lines;
    const [along, across] = level ? [xs, ys] : [ys, xs];
    const [upon, over] = level ? [this.right, this.down] : [this.down, this.right];
    const place = (a: number, c: number): number => (level ? c * this.wide + a : a * this.wide + c);
    const first = Math.max(0, indexOf(along, from) - 1);
    if (!together) {
      for (let c = indexOf(across, at - APART); c < across.length && (across[c] as number) < at + APART; c += 1) {
        for (let a = first; a + 1 < along.length && (along[a] as number) < to; a += 1) {
          const length = Math.min(to, along[a + 1] as number) - Math.max(from, along[a] as number);
          if (length > 1) upon[place(a, c)] = (upon[place(a, c)] as number) + COMPANY.once + COMPANY.length * length;
        }
      }
    }
    const before = indexOf(across, at + 0.01) - 1;
    if (before < 0) return;
    for (let a = indexOf(along, from); a < along.length && (along[a] as number) <= to; a += 1) {
      over[place(a, before)] = (over[place(a, before)] as number) + (together ? CROSSING / 3 : CROSSING);
    }
  }

  /** A state is a crossing and how one came there: `2n` from above or below, `2n + 1` from the side. */
  way(begins: readonly Place[], end: Place): Point[] | null {
    const { xs, ys } = this.lines;
    const stateOf = ({ at, level }: Place): number => 2 * (indexOf(ys, at.y) * this.wide + indexOf(xs, at.x)) + Number(level);
    const last = stateOf(end);
    const known = new Float64Array(2 * this.right.length).fill(Infinity);
    const came = new Int32Array(known.length).fill(-1);
    const left = (state: number): number => {
      const n = state >> 1;
      return Math.abs((xs[n % this.wide] as number) - end.at.x) + Math.abs((ys[Math.floor(n / this.wide)] as number) - end.at.y);
    };
    const open = new Heap();
    for (const first of begins.map(stateOf)) {
      known[first] = 0;
      open.push(first, left(first));
    }
    const done = new Uint8Array(known.length);
    for (let state = open.pop(); state !== undefined; state = open.pop()) {
      if (state === last) return this.traced(came, last);
      if (done[state]) continue;
      done[state] = 1;
      for (const [next, cost] of this.following(state)) {
        const so = (known[state] as number) + cost;
        if (done[next] || so >= (known[next] as number)) continue;
        known[next] = so;
        came[next] = state;
        open.push(next, so + left(next));
      }
    }
    return null;
  }

  /** The states after one, and what it costs to get there. */
  private following(state: number): (readonly [number, number])[] {
    const { xs, ys } = this.lines;
    const { wide, right, down } = this;
    const n = state >> 1;
    const [i, j] = [n % wide, Math.floor(n / wide)];
    const found: (readonly [number, number])[] = [[state ^ 1, BEND]];
    if (state & 1) {
      if (i + 1 < wide && right[n] !== Infinity) found.push([state + 2, (xs[i + 1] as number) - (xs[i] as number) + (right[n] as number)]);
      if (i > 0 && right[n - 1] !== Infinity) found.push([state - 2, (xs[i] as number) - (xs[i - 1] as number) + (right[n - 1] as number)]);
      return found;
    }
    if (j + 1 < ys.length && down[n] !== Infinity) found.push([state + 2 * wide, (ys[j + 1] as number) - (ys[j] as number) + (down[n] as number)]);
    if (j > 0 && down[n - wide] !== Infinity) found.push([state - 2 * wide, (ys[j] as number) - (ys[j - 1] as number) + (down[n - wide] as number)]);
    return found;
  }

  private traced(came: Int32Array, last: number): Point[] {
    const found: Point[] = [];
    for (let state = last; state !== -1; state = came[state] as number) {
      const n = state >> 1;
      found.push({ x: this.lines.xs[n % this.wide] as number, y: this.lines.ys[Math.floor(n / this.wide)] as number });
    }
    return found.reverse();
  }
}
