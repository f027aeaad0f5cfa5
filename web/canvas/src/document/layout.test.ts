import { describe, expect, it } from "vitest";
import { arranged, graphOf, isUnplaced, roughly } from "./layout";
import { laneAt, lanesOf, positionOf } from "./lanes";
import { DOWN, RIGHT } from "./axis";
import { CARD, sizeOf } from "./size";
import type { JourneyDocument, Port, StepNode } from "./types";

const port = (name: string): Port => ({ name, label: { en: name, ko: name }, required: true });
const ports = (step: StepNode): Port[] => (step.kind === "fork" ? [port("yes"), port("no")] : [port("next")]);
const size = (step: StepNode) => sizeOf(ports(step), DOWN);
const document: JourneyDocument = {
  key: "k",
  name: {},
  entry: {},
  steps: [
    { id: "fork", kind: "fork", stage: "intake", settings: {} },
    { id: "a", kind: "x", stage: "adaptation", settings: {} },
    { id: "b", kind: "x", stage: "intake", settings: {} },
  ],
  edges: [
    { from: "entry", to: "fork" },
    { from: "fork", port: "yes", to: "a" },
    { from: "fork", port: "no", to: "b" },
    { from: "fork", port: "lost", to: "b" },
    { from: "b", to: "nowhere" },
    { from: "b", to: "b", port: "next" },
  ],
};

describe("the graph for ELK", () => {
  const graph = graphOf(document, ports, size);

  it("has each port at its place, so that their order stays", () => {
    const fork = graph.children.find((node) => node.id === "fork");
    expect(fork?.ports.map((one) => [one.id, one.x])).toEqual([
      ["fork/", 128],
      ["fork/yes", 64],
      ["fork/no", 192],
    ]);
    expect(fork?.layoutOptions["elk.portConstraints"]).toBe("FIXED_POS");
  });

  it("leaves out edges of lost ports, without a target, and to the step itself", () => {
    expect(graph.edges.map((edge) => `${edge.sources[0]}>${edge.targets[0]}`)).toEqual(["entry/next>fork/", "fork/yes>a/", "fork/no>b/"]);
  });

  it("has the lanes as partitions, the entry in the first", () => {
    const partition = (id: string) => graph.children.find((node) => node.id === id)?.layoutOptions["elk.partitioning.partition"];
    expect([partition("entry"), partition("b"), partition("a")]).toEqual(["1", "1", "2"]);
  });
});

it("runs right where the journey does: ports at the right border, one below the other", () => {
  const right = { ...document, layout: { lanes: "vertical" as const } };
  const graph = graphOf(right, ports, (step) => sizeOf(ports(step), RIGHT));
  expect(graph.layoutOptions["elk.direction"]).toBe("RIGHT");
  expect(graph.children.find((node) => node.id === "fork")?.ports.map((one) => [one.id, one.x, one.y])).toEqual([
    ["fork/", 0, 60],
    ["fork/yes", 256, 84],
    ["fork/no", 256, 108],
  ]);
});

describe("positions", () => {
  it("from ELK are on the grid, each in its lane", () => {
    const after = arranged(document, [{ id: "entry", x: 3, y: 0 }, { id: "fork", x: 1, y: 90 }, { id: "b", x: 0, y: 250 }, { id: "a", x: 300, y: 255 }], size);
    expect(positionOf(after, "fork")).toEqual({ x: 0, y: 88 });
    expect(laneAt(lanesOf(after, size), positionOf(after, "a").y + CARD.height / 2)?.stage).toBe("adaptation");
  });

  it("are there at once for a draft that has none", () => {
    expect(isUnplaced(document)).toBe(true);
    const after = roughly(document, size);
    expect(isUnplaced(after)).toBe(false);
    const places = after.steps.map((step) => JSON.stringify(positionOf(after, step.id)));
    expect(new Set(places).size).toBe(3);
  });
});
