import { describe, expect, it } from "vitest";
import { addStep, connect, copied, freeId, insertInto, pasted, removeSteps, withoutPorts } from "./edit";
import type { JourneyDocument, Port, StepNode } from "./types";

const port = (name: string): Port => ({ name, label: { en: name, ko: name }, required: true });
const step = (id: string): StepNode => ({ id, kind: "x", settings: {} });
const journey = (ids: string[], edges: [string, string, string?][]): JourneyDocument => ({
  key: "k",
  name: {},
  entry: {},
  steps: ids.map(step),
  edges: edges.map(([from, to, name]) => ({ from, to, ...(name ? { port: name } : {}) })),
});
const lines = (document: JourneyDocument): string[] => document.edges.map((edge) => `${edge.from}/${edge.port ?? "next"}>${edge.to}`);

describe("ids", () => {
  it("are free, and keep their stem", () => {
    expect(freeId(journey([], []), "delay")).toBe("delay");
    expect(freeId(journey(["delay", "delay-2"], []), "delay")).toBe("delay-3");
    expect(freeId(journey(["delay"], []), "delay-7")).toBe("delay-2");
    expect(freeId(journey([], []), "entry")).toBe("entry-2");
  });
});

describe("edges", () => {
  it("one edge only leaves a port", () => {
    const before = journey(["a", "b"], [["entry", "a"]]);
    expect(lines(connect(before, { from: "entry", port: "next", to: "b" }))).toEqual(["entry/next>b"]);
  });

  it("a step inserted into an edge leads on from its first port", () => {
    const before = journey(["a"], [["entry", "a"]]);
    const after = insertInto(before, before.edges[0]!, step("b"), [port("yes"), port("no")], { x: 0, y: 0 });
    expect(lines(after).sort()).toEqual(["b/yes>a", "entry/next>b"]);
  });

  it("a step without a port ends the edge it is inserted into", () => {
    const before = journey(["a"], [["entry", "a"]]);
    expect(lines(insertInto(before, before.edges[0]!, step("end"), [], { x: 0, y: 0 }))).toEqual(["entry/next>end"]);
  });

  it("go with the ports that are lost", () => {
    const before = journey(["a", "b"], [["a", "b", "yes"], ["a", "b", "no"]]);
    expect(lines(withoutPorts(before, "a", ["yes"]))).toEqual(["a/no>b"]);
    expect(withoutPorts(before, "a", ["maybe"])).toBe(before);
  });
});

describe("removing steps", () => {
  it("joins the edges where there is one target", () => {
    expect(lines(removeSteps(journey(["a", "b"], [["entry", "a"], ["a", "b"]]), ["a"]))).toEqual(["entry/next>b"]);
  });

  it("joins over a row of steps", () => {
    const before = journey(["a", "b", "c"], [["entry", "a"], ["a", "b"], ["b", "c"]]);
    expect(lines(removeSteps(before, ["a", "b"]))).toEqual(["entry/next>c"]);
  });

  it("joins over a fork whose ports lead to one step", () => {
    const before = journey(["a", "b"], [["entry", "a"], ["a", "b", "yes"], ["a", "b", "no"]]);
    expect(lines(removeSteps(before, ["a"]))).toEqual(["entry/next>b"]);
  });

  it("does not guess where the ports lead to different steps", () => {
    const before = journey(["a", "b", "c"], [["entry", "a"], ["a", "b", "yes"], ["a", "c", "no"]]);
    expect(lines(removeSteps(before, ["a"]))).toEqual([]);
  });

  it("survives loops", () => {
    const before = journey(["a", "b"], [["entry", "a"], ["a", "b"], ["b", "a"]]);
    expect(lines(removeSteps(before, ["a", "b"]))).toEqual([]);
    expect(lines(removeSteps(before, ["b"]))).toEqual(["entry/next>a"]);
  });

  it("forgets their positions", () => {
    const before = addStep(journey(["a"], []), step("b"), { x: 1, y: 2 });
    expect(removeSteps(before, ["b"]).layout?.positions).toEqual({});
  });
});

describe("the clipboard", () => {
  it("carries the edges between the copied steps, under new ids", () => {
    const before = journey(["a", "b", "c"], [["entry", "a"], ["a", "b"], ["b", "c"]]);
    const { document, ids } = pasted(before, copied(before, ["a", "b"]), { x: 10, y: 10 });
    expect(ids).toEqual(["a-2", "b-2"]);
    expect(lines(document)).toEqual(["entry/next>a", "a/next>b", "b/next>c", "a-2/next>b-2"]);
  });

  it("keeps ids that are free in the other journey, and shares no settings", () => {
    const from = journey(["a"], []);
    const { document, ids } = pasted(journey([], []), copied(from, ["a"]), { x: 0, y: 0 });
    expect(ids).toEqual(["a"]);
    expect(document.steps[0]?.settings).not.toBe(from.steps[0]?.settings);
  });
});
