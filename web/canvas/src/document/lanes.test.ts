import { describe, expect, it } from "vitest";
import { changeStep } from "./edit";
import { DOWN, RIGHT } from "./axis";
import { HEAD, laneAt, lanesOf, middleOf, positionOf, settled, spread } from "./lanes";
import { CARD } from "./size";
import type { JourneyDocument, Note, Point, Stage } from "./types";

const size = () => CARD;
const journey = (steps: Record<string, [Stage | null, number]>, entry = 0, notes: Note[] = []): JourneyDocument => {
  const positions: Record<string, Point> = { entry: { x: 0, y: entry } };
  for (const [id, [, y]] of Object.entries(steps)) positions[id] = { x: 0, y };
  return {
    key: "k",
    name: {},
    entry: {},
    steps: Object.entries(steps).map(([id, [stage]]) => ({ id, kind: "x", stage, settings: {} })),
    edges: [],
    layout: { positions, notes },
  };
};
const stages = (document: JourneyDocument): (Stage | null)[] => lanesOf(document, size).map((lane) => lane.stage);

describe("lanes", () => {
  it("are the four stages, and one for steps without a stage only where there are any", () => {
    expect(stages(journey({}))).toEqual(["intake", "adaptation", "retention", "churn_signal"]);
    expect(stages(journey({ a: [null, 0] }))).toEqual([null, "intake", "adaptation", "retention", "churn_signal"]);
  });

  it("lie below each other without a gap", () => {
    const lanes = lanesOf(journey({ a: ["adaptation", 100], b: ["churn_signal", 900] }), size);
    lanes.slice(1).forEach((lane, n) => expect(lane.begin).toBe(lanes[n]?.end));
  });

  it("leave room around their steps, and for something in those that are empty", () => {
    const [intake, adaptation, retention] = lanesOf(journey({ a: ["adaptation", 100] }, 200), size);
    expect([intake!.end - intake!.begin, retention!.end - retention!.begin]).toEqual([DOWN.empty, DOWN.empty]);
    expect([adaptation!.begin, adaptation!.end]).toEqual([100 - HEAD, 100 + CARD.height + DOWN.foot]);
  });

  it("hold the entry in the first that has a step", () => {
    const lanes = lanesOf(journey({ a: ["retention", 300] }, 0), size);
    expect(laneAt(lanes, 10)?.stage).toBe("retention");
  });
});

describe("after an edit", () => {
  const before = journey({ a: ["intake", 0], b: ["adaptation", 400] });

  it("nothing moves that need not", () => {
    expect(settled(before, before, size)).toBe(before);
    const renamed = changeStep(before, "a", { label: { en: "A" } });
    expect(settled(before, renamed, size)).toBe(renamed);
  });

  it("a step whose stage was changed goes to the foot of the new lane", () => {
    const after = settled(before, changeStep(before, "a", { stage: "adaptation" }), size);
    expect(positionOf(after, "a").y).toBe(400 + CARD.height + HEAD);
    expect(laneAt(lanesOf(after, size), positionOf(after, "a").y + 1)?.stage).toBe("adaptation");
  });

  it("a lane that grows pushes those below it down", () => {
    const moved = { ...before, layout: { positions: { ...before.layout?.positions, a: { x: 0, y: 380 } } } };
    const after = settled(before, moved, size);
    expect(positionOf(after, "b").y).toBe(380 + CARD.height + DOWN.foot + HEAD);
    expect(positionOf(after, "a").y).toBe(380);
  });

  it("notes and the entry go down with the lane in which they lie", () => {
    const note = { id: "n", x: 0, y: 420, width: 100, height: 60, text: "" };
    const start = journey({ a: ["intake", 0], b: ["adaptation", 400] }, 410, [note]);
    const moved = { ...start, layout: { ...start.layout, positions: { ...start.layout?.positions, a: { x: 0, y: 380 } } } };
    const after = settled(start, moved, size);
    const by = positionOf(after, "b").y - 400;
    expect(by).toBeGreaterThan(0);
    expect(after.layout?.notes?.[0]?.y).toBe(420 + by);
    expect(positionOf(after, "entry").y).toBe(410 + by);
  });
});

it("everything that got a new position lies in the lane of its stage", () => {
  const heap = journey({ a: ["churn_signal", 0], b: ["intake", 0], c: [null, 0], d: ["retention", 0] });
  const after = spread(heap, size);
  const lanes = lanesOf(after, size);
  for (const step of after.steps) expect(laneAt(lanes, positionOf(after, step.id).y + CARD.height / 2)?.stage).toBe(step.stage);
});

/** The same journey, run from left to right. */
const turned = (document: JourneyDocument): JourneyDocument => {
  const positions = Object.fromEntries(Object.entries(document.layout?.positions ?? {}).map(([id, { x, y }]) => [id, { x: y, y: x }]));
  return { ...document, layout: { ...document.layout, positions, lanes: "vertical" } };
};

describe("of a journey that runs right", () => {
  it("lie beside each other, as far as their steps reach", () => {
    const [intake, adaptation, retention] = lanesOf(turned(journey({ a: ["adaptation", 300] }, 400)), size);
    expect([adaptation!.begin, adaptation!.end]).toEqual([300 - HEAD, 300 + CARD.width + RIGHT.foot]);
    expect([intake!.end, retention!.begin]).toEqual([adaptation!.begin, adaptation!.end]);
    expect(intake!.end - intake!.begin).toBe(RIGHT.empty);
  });

  it("push those behind them on, and nothing aside", () => {
    const before = turned(journey({ a: ["intake", 0], b: ["adaptation", 600] }));
    const moved = { ...before, layout: { ...before.layout, positions: { ...before.layout?.positions, a: { x: 560, y: 8 } } } };
    const after = settled(before, moved, size);
    expect(positionOf(after, "b")).toEqual({ x: 560 + CARD.width + RIGHT.foot + HEAD, y: 0 });
    expect(positionOf(after, "a")).toEqual({ x: 560, y: 8 });
  });

  it("hold everything that got a new position", () => {
    const after = spread(turned(journey({ a: ["churn_signal", 0], b: ["intake", 0], c: [null, 0], d: ["retention", 0] })), size);
    for (const step of after.steps) expect(laneAt(lanesOf(after, size), middleOf(RIGHT, positionOf(after, step.id), CARD))?.stage).toBe(step.stage);
  });
});
