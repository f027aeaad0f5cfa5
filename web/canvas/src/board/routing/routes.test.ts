import { expect, it } from "vitest";
import type { Point } from "@/document/types";
import { around, type Card, meet } from "./cards";
import { generated, kept, moved, placed, rightwards, rough, type Sample } from "./drawn.fixture";
import { type Route, routeAlone, routesOf, type Wire } from "./routes";
import { drawnOf } from "./wires";

/** All of them in the long run (`make test-long`); a quarter finds what is badly wrong. */
const GENERATED = import.meta.env.TEST_LONG ? 200 : 50;

const run = ({ document, ways }: Sample) => {
  const drawn = drawnOf(document, ways);
  return { ...drawn, routes: routesOf(drawn) };
};

/** What a line runs through; the ends of lines lie off their cards. */
const crossed = (points: readonly Point[], cards: ReadonlyMap<string, Card>): string[] =>
  points.slice(1).flatMap((point, n) => {
    const piece = around([points[n] as Point, point], 0);
    return [...cards.values()].filter((card) => meet(card, piece)).map((card) => card.id);
  });

function faults(name: string, cards: ReadonlyMap<string, Card>, wires: readonly Wire[], routes: ReadonlyMap<string, Route>): string[] {
  return wires.flatMap((wire) => {
    const { points, label } = routes.get(wire.id) as Route;
    const found = crossed(points, cards).map((card) => `${name}: ${wire.id} runs through ${card}`);
    const slanted = points.slice(1).some((at, n) => at.x !== points[n]?.x && at.y !== points[n]?.y);
    if (slanted) found.push(`${name}: ${wire.id} is not level`);
    const last = points.at(-1) as Point;
    if (![wire.from, wire.left].some((from) => JSON.stringify(from) === JSON.stringify(points[0]))) found.push(`${name}: ${wire.id} begins elsewhere`);
    if (last.y !== wire.to.y || Math.abs(last.x - wire.to.x) > 10) found.push(`${name}: ${wire.id} ends elsewhere`);
    if ((points.at(-2) as Point).y > last.y) found.push(`${name}: ${wire.id} arrives from below`);
    if (!wire.left && crossed([label, label], cards).length > 0) found.push(`${name}: the label of ${wire.id} lies on a card`);
    return found;
  });
}

const check = (sample: Sample, how: string): string[] => {
  const { cards, wires, routes } = run(sample);
  return faults(`${sample.name} ${how}`, cards, wires, routes);
};

it.each([
  ["down", (sample: Sample) => sample],
  ["right", rightwards],
])("no line runs through a card, over the gallery, the examples and generated journeys, however they are placed: %s", async (_, run) => {
  const found: string[] = [];
  for (const [seed, sample] of [...kept(), ...Array.from({ length: GENERATED }, (_, seed) => generated(seed))].map(run).entries()) {
    const arranged = await placed(sample);
    found.push(...check(arranged, "arranged"), ...check(rough(sample), "at first"), ...check(moved(arranged, seed), "moved by hand"));
  }
  expect(found).toEqual([]);
}, 120_000);

it("gives the same ways whatever the order in which the edges were drawn", async () => {
  const { cards, wires, stubs, turned, routes } = run(await placed(generated(7)));
  const again = routesOf({ cards, stubs, turned, wires: [...wires].reverse() });
  for (const { id } of wires) expect(again.get(id)?.points).toEqual(routes.get(id)?.points);
});

it("lines to different steps do not run upon one another", async () => {
  const lines: string[] = [];
  for (const sample of kept()) {
    const { wires, routes } = run(await placed(sample));
    for (const a of wires) for (const b of wires) if (a.id < b.id && a.target !== b.target && upon(routes.get(a.id), routes.get(b.id))) lines.push(`${sample.name}: ${a.id} on ${b.id}`);
  }
  expect(lines).toEqual([]);
}, 60_000);

const pieces = (route: Route | undefined) => (route?.points ?? []).slice(1).map((to, n) => ({ ...around([route?.points[n] as Point, to], 0), level: to.y === route?.points[n]?.y }));

const upon = (a: Route | undefined, b: Route | undefined): boolean =>
  pieces(a).some((one) => pieces(b).some((other) => one.level === other.level && (one.level ? one.top === other.top && Math.min(one.right, other.right) - Math.max(one.left, other.left) > 4 : one.left === other.left && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 4)));

it("goes around while it is dragged as well", () => {
  const cards = new Map<string, Card>([
    ["a", { id: "a", left: 0, top: 0, right: 256, bottom: 72 }],
    ["b", { id: "b", left: 0, top: 144, right: 256, bottom: 216 }],
    ["c", { id: "c", left: 0, top: 288, right: 256, bottom: 360 }],
  ]);
  const wire: Wire = { id: "a/next", source: "a", target: "c", left: null, from: { x: 128, y: 78 }, to: { x: 128, y: 282 }, beside: { left: 128, right: 128 }, half: 128, index: 0, count: 1 };
  expect(crossed(routeAlone(wire, cards), cards)).toEqual([]);
});
