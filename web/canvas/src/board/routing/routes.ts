/** The ways of all edges of a journey: no line runs through a card, none upon another that leads elsewhere. Pure geometry. */

import type { Point } from "@/document/types";
import { around, type Box, type Card, Cards, type Clearance } from "./cards";
import { type Labelled, labels } from "./labels";
import { cheapestWay, type Place } from "./search";
import { plainWays, type Run } from "./simple";
import { Taken } from "./taken";

/** An edge to be drawn. A jump leaves its card at the side. */
export type Wire = Run & { id: string; source: string; target: string; jump: boolean };
/** `label`: where the line's "+" or its count lies. */
export type Route = { points: Point[]; label: Point };

/** How far the end of a line lies from its card: half of a handle. */
export const HANDLE = 6;
/** Tried one after another: where cards stand close, lines come closer. */
const KEEPS: readonly Clearance[] = [
  { side: 14, over: 24 },
  { side: 14, over: 16 },
  { side: 8, over: 10 },
  { side: 3, over: 7 },
];
const PLAIN: Clearance = { side: 8, over: 8 };
/** How far from its ends a way is looked for; then everywhere. */
const NEAR = 360;
const FAR = 120;

/** Ways of all edges, by their ids. The same picture gives the same ways, in whatever order it was drawn. */
export function routesOf(all: ReadonlyMap<string, Card>, wires: readonly Wire[]): Map<string, Route> {
  const cards = new Cards(all);
  const taken = new Taken();
  const found = new Map<string, Point[]>();
  const put = (wire: Wire, points: Point[]): void => {
    found.set(wire.id, points);
    taken.add(wire.id, wire.target, points);
  };
  const rest: Wire[] = [];
  for (const wire of wires.toSorted(shorter)) {
    const plain = plainWay(wire, cards, taken);
    if (plain) put(wire, plain);
    else rest.push(wire);
  }
  for (const wire of rest) put(wire, wayOf(wire, cards, taken));
  const drawn: Labelled[] = wires.map((wire) => ({ ...wire, points: found.get(wire.id) as Point[] }));
  const places = labels(drawn, cards, taken);
  return new Map(drawn.map(({ id, points }) => [id, { points, label: places.get(id) as Point }]));
}

const reach = ({ from, to }: Run): number => Math.abs(from.x - to.x) + Math.abs(from.y - to.y);
const shorter = (a: Wire, b: Wire): number => reach(a) - reach(b) || (a.id < b.id ? -1 : 1);

/** One edge while its cards are being dragged, without regard to other lines. */
export function routeAlone(wire: Wire, all: ReadonlyMap<string, Card>): Point[] {
  const [cards, taken] = [new Cards(all), new Taken()];
  return plainWay(wire, cards, taken) ?? wayOf(wire, cards, taken);
}

function plainWay(wire: Wire, cards: Cards, taken: Taken): Point[] | null {
  if (wire.jump) return null;
  const { source, target } = wire;
  for (const way of plainWays(wire)) {
    if (cards.clear(way, PLAIN, [source, target]) && !taken.shared(way, target)) return way;
  }
  return null;
}

/** Around what is in the way. Where there is no way at all (a card lies upon a port), the plain one. */
function wayOf(wire: Wire, cards: Cards, taken: Taken): Point[] {
  const { from, to, target } = wire;
  const whole = everything(cards);
  for (const keep of KEEPS) {
    const [begin, end] = endsOf(wire, keep);
    for (const region of [around([from, to], NEAR), whole]) {
      const way = cheapestWay(begin, end, { cards: cards.within(region), taken: taken.within(region), region, keep, target });
      if (way) return corners([from, ...way, to]);
    }
  }
  return wire.jump ? besides(wire) : (plainWays(wire).next().value as Point[]);
}

const everything = (cards: Cards): Box => {
  const all = [...cards.all.values()];
  return around(all.flatMap((card) => [{ x: card.left, y: card.top }, { x: card.right, y: card.bottom }]), FAR);
};

/** Where a way leaves the neighbourhood of its source, and where it enters that of its target. */
function endsOf({ from, to, jump }: Wire, keep: Clearance): [Place, Place] {
  const begin = jump ? { at: { x: from.x + keep.side - HANDLE, y: from.y }, level: true } : { at: { x: from.x, y: from.y + keep.over - HANDLE }, level: false };
  return [begin, { at: { x: to.x, y: to.y - keep.over + HANDLE }, level: false }];
}

function besides({ from, to }: Wire): Point[] {
  const side = Math.max(from.x, to.x) + 24;
  const above = to.y - 24;
  return [from, { x: side, y: from.y }, { x: side, y: above }, { x: to.x, y: above }, to];
}

/** Only the points at which a line bends. */
function corners(points: readonly Point[]): Point[] {
  const apart = points.filter((at, n) => at.x !== points[n - 1]?.x || at.y !== points[n - 1]?.y);
  return apart.filter((at, n) => {
    const [before, after] = [apart[n - 1], apart[n + 1]];
    if (!before || !after) return true;
    return !((before.x === at.x && at.x === after.x) || (before.y === at.y && at.y === after.y));
  });
}
