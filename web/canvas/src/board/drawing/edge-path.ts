/** Paths of edges: down from a port, across, down to a step; upwards around the side of the cards. Pure geometry. */

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
const STRAIGHT = 10;
const ACROSS = 48;

/** The path, and the place of its "+" or its count. */
export function edgePath(run: Run): { path: string; label: Point } {
  const { from, to } = run;
  if (to.y - from.y < 2 * TURN) return back(run);
  if (Math.abs(to.x - from.x) <= STRAIGHT) {
    return { path: `M${from.x} ${from.y}L${to.x} ${to.y}`, label: { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 } };
  }
  const turn = Math.min(from.y + TURN + TRACK * track(run), (from.y + to.y) / 2);
  return {
    path: rounded([from, { x: from.x, y: turn }, { x: to.x, y: turn }, to]),
    // Edges to one step share their last stretch: the label is where the edge is alone.
    label: Math.abs(to.x - from.x) >= ACROSS ? { x: (from.x + to.x) / 2, y: turn } : { x: to.x, y: (turn + to.y) / 2 - 4 },
  };
}

/** Of ports to the same side, those that have to pass the others turn lower, so that no edge crosses its neighbour. */
const track = ({ from, to, index, count }: Run): number => Math.min(4, to.x < from.x ? index : count - 1 - index);

/** A path to a step above, or to the same step. */
function back(run: Run): { path: string; label: Point } {
  const { from, to, beside, half } = run;
  const left = Math.min(from.x - beside.left, to.x - half) - SIDE;
  const right = Math.max(from.x + beside.right, to.x + half) + SIDE;
  const length = (side: number): number => Math.abs(from.x - side) + Math.abs(to.x - side);
  const side = length(left) < length(right) ? left : right;
  const below = from.y + TURN + 2;
  const above = to.y - TURN - 6;
  return {
    path: rounded([from, { x: from.x, y: below }, { x: side, y: below }, { x: side, y: above }, { x: to.x, y: above }, to]),
    label: { x: side, y: (below + above) / 2 },
  };
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
