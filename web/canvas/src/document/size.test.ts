import { expect, it } from "vitest";
import { DOWN, RIGHT } from "./axis";
import { arrivalAt, CARD, cardFor, portAt, sizeOf } from "./size";
import type { Port } from "./types";

const ports = ["yes", "no", "later"].map((name): Port => ({ name, label: { en: name, ko: name }, required: true }));

it.each([
  ["down", DOWN],
  ["right", RIGHT],
])("a card that a line is dropped for lies so that the line ends at it: %s", (_, axis) => {
  const end = { x: 400, y: 300 };
  const corner = cardFor(end, axis);
  const arrival = arrivalAt(CARD, axis);
  expect({ x: corner.x + arrival.x, y: corner.y + arrival.y }).toEqual(end);
});

it.each([
  ["down", DOWN],
  ["right", RIGHT],
])("ports lie on the border at which lines leave, in their order: %s", (_, axis) => {
  const size = sizeOf(ports, axis);
  const places = ports.map((_, n) => portAt(size, ports.length, n, axis));
  for (const at of places) expect(at[axis.at]).toBe(size[axis.length]);
  const aside = places.map((at) => at[axis.aside]);
  expect(aside).toEqual([...aside].sort((a, b) => a - b));
  expect(Math.max(...aside)).toBeLessThan(size[axis.breadth]);
});
