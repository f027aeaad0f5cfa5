import { expect, it } from "vitest";
import { neighbour, stepsBefore } from "./walk";
import type { JourneyDocument, Port } from "./types";

const port = (name: string): Port => ({ name, label: { en: name, ko: name }, required: true });
const ports = (): Port[] => [port("yes"), port("no")];
const document: JourneyDocument = {
  key: "k",
  name: {},
  entry: {},
  steps: ["fork", "a", "b", "lone"].map((id) => ({ id, kind: "x", settings: {} })),
  edges: [
    { from: "entry", to: "fork" },
    { from: "fork", port: "no", to: "b" },
    { from: "fork", port: "yes", to: "a" },
  ],
  layout: { positions: { entry: { x: 0, y: 0 }, fork: { x: 0, y: 100 }, a: { x: -200, y: 200 }, b: { x: 200, y: 200 }, lone: { x: 200, y: 300 } } },
};
const go = (from: string, direction: "up" | "down" | "left" | "right") => neighbour(document, from, direction, ports);

it("down follows the first port, whatever the order of the edges", () => {
  expect(go("entry", "down")).toBe("fork");
  expect(go("fork", "down")).toBe("a");
});

it("up goes against the edge", () => {
  expect(go("b", "up")).toBe("fork");
  expect(go("fork", "up")).toBe("entry");
  expect(go("entry", "up")).toBeNull();
});

it("left and right go to siblings at the same step", () => {
  expect(go("a", "right")).toBe("b");
  expect(go("b", "left")).toBe("a");
});

it("where no edge leads, the nearest in that direction is reached", () => {
  expect(go("b", "down")).toBe("lone");
  expect(go("lone", "up")).toBe("b");
});

it("the steps before one are those that lead to it, loops included", () => {
  const round = { ...document, edges: [...document.edges, { from: "a", to: "lone" }, { from: "lone", to: "fork" }] };
  expect([...stepsBefore(round, "a")].sort()).toEqual(["a", "fork", "lone"]);
  expect([...stepsBefore(document, "b")]).toEqual(["fork"]);
  expect([...stepsBefore(document, "fork")]).toEqual([]);
});
