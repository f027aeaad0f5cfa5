/** The ways of all edges of a journey: no line runs through a card, none upon another that leads elsewhere. Pure geometry. */

import type { Point } from "@/document/types";
import { around, type Box, type Card, Cards, type Clearance } from "./cards";
import { type Labelled, labels } from "./labels";
import { cheapestWay, type Place } from "./search";
import { plainWays, type Run } from "./simple";
import { Taken } from "./taken";

/** An edge to be drawn. A jump leaves its card at the right, or at the `left`. */
export type Wire = Run & { id: string; source: string; target: string; left: Point | null };
/** `label`: where the line's "+" or its count lies. */
export type Route = { points: Point[]; label: Point };

/** How far the end of an edge lies from its card: half of a handle. */
export const HANDLE = 6;
/** Tried one after another: where cards stand close, lines come closer. */
const KEEPS: readonly Clearance[] = [
  { side: 14, over: 24 },
  { side: 14, over: 16 },
  { side: 8, over: 10 },
  { side: 3, over: 7 },
];
const PLAIN: Clearance = { side: 8, over: 8 };
const TOUCH: Clearance = { side: 2, over: 2 };
/** How far from its ends a way is looked for; then everywhere. */
const NEAR = 360;
const FAR = 120;

/** What a picture is made of. `stubs`: the "+" of ports that lead nowhere, by the ids of the ports. `turned`: it runs right, and is turned. */
export type Drawn = { cards: ReadonlyMap<string, Card>; wires: readonly Wire[]; stubs: ReadonlyMap<string, Card>; turned: boolean };
type Scene = { cards: Cards; stubs: Cards; taken: Taken };

/** Ways of all edges, by their ids. The same picture gives the same ways, in whatever order it was drawn. */
export function routesOf({ wires, ...drawn }: Drawn): Map<string, Route> {
  const scene = { cards: new Cards(drawn.cards), stubs: new Cards(drawn.stubs), taken: new Taken() };
  const { cards, taken } = scene;
  for (const { id, left, right, top, bottom } of drawn.stubs.values()) taken.add(id, "", [top, bottom].map((y) => ({ x: (left + right) / 2, y })));
  const found = new Map<string, Point[]>();
  const put = (wire: Wire, points: Point[]): void => {
    found.set(wire.id, points);
    taken.add(wire.id, wire.target, points);
  };
  const rest: Wire[] = [];
  for (const wire of wires.toSorted(shorter)) {
    const plain = plainWay(wire, scene);
    if (plain) put(wire, plain);
    else rest.push(wire);
  }
  for (const wire of rest) put(wire, wayOf(wire, scene));
  const lines: Labelled[] = wires.map((wire) => ({ ...wire, points: found.get(wire.id) as Point[] }));
  const places = labels(lines, cards, taken, drawn.turned);
  return new Map(lines.map(({ id, points }) => [id, { points, label: places.get(id) as Point }]));
}

const reach = ({ from, to }: Run): number => Math.abs(from.x - to.x) + Math.abs(from.y - to.y);
const shorter = (a: Wire, b: Wire): number => reach(a) - reach(b) || (a.id < b.id ? -1 : 1);

/** One edge while its cards are being dragged, without regard to other lines. */
export function routeAlone(wire: Wire, all: ReadonlyMap<string, Card>): Point[] {
  const scene = { cards: new Cards(all), stubs: new Cards(new Map()), taken: new Taken() };
  return plainWay(wire, scene) ?? wayOf(wire, scene);
}

function plainWay(wire: Wire, { cards, stubs, taken }: Scene): Point[] | null {
  if (wire.left) return null;
  const { source, target } = wire;
  for (const way of plainWays(wire)) {
    if (cards.clear(way, PLAIN, [source, target]) && stubs.clear(way, TOUCH, []) && !taken.shared(way, target)) return way;
  }
  return null;
}

/** Around what is in the way. Where there is no way at all (a card lies upon a port), the plain one. */
function wayOf(wire: Wire, { cards, taken }: Scene): Point[] {
  const { from, to, target } = wire;
  const whole = everything(cards);
  for (const keep of KEEPS) {
    const begins = leaving(wire, keep);
    const end = { at: { x: to.x, y: to.y - keep.over + HANDLE }, level: false };
    for (const region of [around([from, to], NEAR), whole]) {
      const way = cheapestWay(begins, end, { cards: cards.within(region), taken: taken.within(region), region, keep, target });
      if (way) return corners([wire.left && (way[0] as Point).x < wire.left.x ? wire.left : from, ...way, to]);
    }
  }
  return wire.left ? besides(wire) : (plainWays(wire).next().value as Point[]);
}

const everything = (cards: Cards): Box => {
  const all = [...cards.all.values()];
  return around(all.flatMap((card) => [{ x: card.left, y: card.top }, { x: card.right, y: card.bottom }]), FAR);
};

/** Where a way may leave the neighbourhood of its source. */
function leaving({ from, left }: Wire, keep: Clearance): Place[] {
  if (!left) return [{ at: { x: from.x, y: from.y + keep.over - HANDLE }, level: false }];
  return [from.x + keep.side, left.x - keep.side].map((x) => ({ at: { x, y: from.y }, level: true }));
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
