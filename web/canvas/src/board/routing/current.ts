/** The ways of what is on the canvas: worked out again when a card or an edge is another, not for other changes. */

import { turned } from "@/document/axis";
import type { Point } from "@/document/types";
import { around, type Card, Cards } from "./cards";
import { type Drawn, type Route, routeAlone, routesOf, type Wire } from "./routes";

type Current = Drawn & { routes: ReadonlyMap<string, Route>; index: Cards };
let current: Current = { cards: new Map(), wires: [], stubs: new Map(), turned: false, routes: new Map(), index: new Cards(new Map()) };

/** The ways of all edges. Those that have not changed stay the same objects. */
export function routesNow(drawn: Drawn): ReadonlyMap<string, Route> {
  if (drawn.turned === current.turned && sameCards(drawn.cards, current.cards) && sameCards(drawn.stubs, current.stubs) && sameWires(drawn.wires, current.wires)) return current.routes;
  const before = current.routes;
  const routes = new Map([...routesOf(drawn)].map(([id, route]) => [id, sameRoute(route, before.get(id)) ?? route]));
  current = { ...drawn, routes, index: new Cards(drawn.cards) };
  return routes;
}

/** Less is no move: what a browser measures is not exact. */
const SNAPPED = 2;
/** How far from an edge the cards count while it is dragged. */
const BESIDE = 300;

/** The way of an edge on the canvas, between the ends that it has now: another than the known one while a card is dragged. */
export function routeBetween(wire: Wire, known: Route, from: Point, to: Point): Route {
  if (!current.turned) return uprightRoute(wire, known, from, to);
  const { points, label } = uprightRoute(wire, known, turned(from), turned(to));
  return { points: points.map(turned), label: turned(label) };
}

function uprightRoute(wire: Wire, known: Route, from: Point, to: Point): Route {
  const [source, target] = [away(wire.from, from), away(wire.to, to)];
  if (near(source) && near(target)) return known;
  const cards = new Map(current.index.within(around([from, to], BESIDE)).map((card) => [card.id, card]));
  for (const [id, by] of [[wire.source, source], [wire.target, target]] as const) {
    const card = current.cards.get(id);
    if (card) cards.set(id, { id, left: card.left + by.x, right: card.right + by.x, top: card.top + by.y, bottom: card.bottom + by.y });
  }
  const left = wire.left && { x: wire.left.x + source.x, y: wire.left.y + source.y };
  const points = routeAlone({ ...wire, from, to, left }, cards);
  return { points, label: middleOf(points) };
}

const away = (was: Point, is: Point): Point => ({ x: is.x - was.x, y: is.y - was.y });
const near = ({ x, y }: Point): boolean => Math.abs(x) <= SNAPPED && Math.abs(y) <= SNAPPED;

function middleOf(points: readonly Point[]): Point {
  const n = Math.floor(points.length / 2);
  const [a, b] = [points[n - 1] as Point, points[n] as Point];
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

function sameCards(a: ReadonlyMap<string, Card>, b: ReadonlyMap<string, Card>): boolean {
  if (a.size !== b.size) return false;
  for (const [id, one] of a) {
    const other = b.get(id);
    if (!other || one.left !== other.left || one.top !== other.top || one.right !== other.right || one.bottom !== other.bottom) return false;
  }
  return true;
}

const sameWires = (a: readonly Wire[], b: readonly Wire[]): boolean => a.length === b.length && a.every((one, n) => sameWire(one, b[n] as Wire));

/** Whether two lines have the same ends; of the same cards, the rest follows. */
export const sameWire = (a: Wire, b: Wire): boolean =>
  a.id === b.id && a.target === b.target && samePoint(a.from, b.from) && samePoint(a.to, b.to) && a.index === b.index && a.count === b.count;

const samePoint = (a: Point, b: Point): boolean => a.x === b.x && a.y === b.y;

function sameRoute(route: Route, old: Route | undefined): Route | null {
  if (!old || !samePoint(route.label, old.label) || route.points.length !== old.points.length) return null;
  return route.points.every((point, n) => samePoint(point, old.points[n] as Point)) ? old : null;
}
