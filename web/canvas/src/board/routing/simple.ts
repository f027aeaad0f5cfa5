/** The plain way of an edge: down from a port, across, down to a step; upwards around the side of its cards. Pure geometry. */

import type { Point } from "@/document/types";

/** Where an edge begins and ends, and how far its cards reach to both sides. */
export type Run = {
  from: Point;
  to: Point;
  /** Distance to the left and right border of the card that it leaves. */
  beside: { left: number; right: number };
  /** Half the width of the target's card. */
  half: number;
  /** Of the port among the `count` ports of its step. */
  index: number;
  count: number;
};

const CORNER = 10;
const TURN = 18;
const TRACK = 9;
const SIDE = 24;
/** So little aside, an edge runs straight down to where it is. */
const STRAIGHT = 10;
/** Between the last turn and the card: the arrow's head, and a little of the line that it ends. */
const ARRIVE = 24;

/** Plain ways from the best on: what differs is how deep they turn. */
export function* plainWays(run: Run): Generator<Point[]> {
  const { from, to } = run;
  if (to.y - from.y < 2 * TURN) {
    for (let n = 0; n < 3; n += 1) yield back(run, n * TRACK);
    return;
  }
  if (Math.abs(to.x - from.x) <= STRAIGHT) {
    yield [from, { x: from.x, y: to.y }];
    return;
  }
  const first = Math.min(from.y + TURN + TRACK * track(run), (from.y + to.y) / 2);
  const across = (turn: number): Point[] => [from, { x: from.x, y: turn }, { x: to.x, y: turn }, to];
  for (let n = 0; n < 6; n += 1) if (n === 0 || first + n * TRACK <= to.y - ARRIVE) yield across(first + n * TRACK);
  if (to.y - from.y > 6 * TRACK + 2 * ARRIVE) for (let n = 0; n < 3; n += 1) yield across(to.y - ARRIVE - n * TRACK);
}

/** Of ports to the same side, those that have to pass the others turn lower, so that no edge crosses its neighbour. */
const track = ({ from, to, index, count }: Run): number => Math.min(4, to.x < from.x ? index : count - 1 - index);

/** To a step above, or to the same step. */
function back(run: Run, aside: number): Point[] {
  const { from, to, beside, half } = run;
  const left = Math.min(from.x - beside.left, to.x - half) - SIDE - aside;
  const right = Math.max(from.x + beside.right, to.x + half) + SIDE + aside;
  const length = (side: number): number => Math.abs(from.x - side) + Math.abs(to.x - side);
  const side = length(left) < length(right) ? left : right;
  const below = from.y + TURN + 2;
  const above = to.y - TURN - 6;
  return [from, { x: from.x, y: below }, { x: side, y: below }, { x: side, y: above }, { x: to.x, y: above }, to];
}

/** A polyline with round corners. */
export function rounded(points: readonly Point[]): string {
  const [begin, ...rest] = points as [Point, ...Point[]];
  const end = rest.at(-1) ?? begin;
  let path = `M${begin.x} ${begin.y}`;
  points.slice(1, -1).forEach((corner, n) => {
    const near = towards(corner, points[n] as Point);
    const far = towards(corner, points[n + 2] as Point);
    path += `L${near.x} ${near.y}Q${corner.x} ${corner.y} ${far.x} ${far.y}`;
  });
  return `${path}L${end.x} ${end.y}`;
}

function towards(corner: Point, other: Point): Point {
  const length = Math.abs(other.x - corner.x) + Math.abs(other.y - corner.y);
  const share = length === 0 ? 0 : Math.min(CORNER, length / 2) / length;
  return { x: corner.x + (other.x - corner.x) * share, y: corner.y + (other.y - corner.y) * share };
}
