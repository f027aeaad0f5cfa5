import { describe, expect, it } from "vitest";
import { CARD } from "@/document/size";
import type { JourneyDocument, StepNode } from "@/document/types";
import { journeyDiffers, marksOf, overlaid, roughDifference, same } from "./compare";

const step = (id: string, settings = {}): StepNode => ({ id, kind: "k", settings });
const doc = (steps: StepNode[], edges: JourneyDocument["edges"], positions = {}): JourneyDocument => ({
  key: "j", name: {}, entry: { triggers: [] }, steps, edges, layout: { positions },
});
const older = doc([step("a"), step("b"), step("c", { n: 1 })], [{ from: "entry", to: "a" }, { from: "a", to: "b" }, { from: "b", to: "c" }], {
  a: { x: 0, y: 0 }, b: { x: 0, y: 100 },
});
const newer = doc([step("a"), step("c", { n: 2 }), step("d")], [{ from: "entry", to: "a" }, { from: "a", to: "d" }, { from: "d", to: "c" }], {
  a: { x: 0, y: 0 }, d: { x: 0, y: 100 },
});

describe("two states of a journey", () => {
  it("are shown in one, with a removed step as a ghost beside the step in its place", () => {
    const both = overlaid(older, newer, () => CARD);
    expect(both.steps.map((one) => one.id)).toEqual(["a", "c", "d", "b"]);
    expect(both.layout?.positions?.["b"]).toEqual({ x: 288, y: 100 });
    expect(both.edges.filter((edge) => edge.from === "a")).toEqual([{ from: "a", to: "d" }]);
    expect(both.edges).toContainEqual({ from: "b", to: "c" });
  });

  it("show no ghost upon a step that lies a little aside", () => {
    const aside = { ...newer, layout: { positions: { a: { x: 0, y: 0 }, d: { x: -40, y: 130 }, c: { x: 290, y: 100 } } } };
    expect(overlaid(older, aside, () => CARD).layout?.positions?.["b"]).toEqual({ x: 578, y: 100 });
  });

  it("are compared step by step and edge by edge", () => {
    const difference = roughDifference(older, newer);
    expect(difference.summary).toEqual({ added: 1, removed: 1, changed: 1 });
    expect(marksOf(difference).marks).toEqual({ c: { tone: "changed" }, d: { tone: "added" }, b: { tone: "removed" } });
    expect(marksOf(difference).litEdges).toEqual({ "a/next": true, "d/next": true });
  });

  it("do not differ by positions or by the order of names", () => {
    const moved = doc(older.steps, older.edges, { a: { x: 9, y: 9 } });
    expect(roughDifference(older, moved).summary).toEqual({ added: 0, removed: 0, changed: 0 });
    expect(journeyDiffers(older, moved)).toBe(false);
    expect(journeyDiffers(older, { ...moved, moves_stage: false })).toBe(true);
    expect(same({ a: 1, b: [1, { c: 2 }] }, { b: [1, { c: 2 }], a: 1 })).toBe(true);
    expect(same({ a: [] }, { a: {} })).toBe(false);
  });
});
