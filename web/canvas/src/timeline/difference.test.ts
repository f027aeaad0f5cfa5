import { expect, it } from "vitest";
import { compareLines } from "./difference";
import type { TimelineEntry } from "./entries";

const entry = (at: number, kind: TimelineEntry["kind"], step: string, name = ""): TimelineEntry => ({
  at: new Date(at).toISOString(),
  kind,
  step,
  name,
  text: {},
  run: 0,
  walked: 1,
  send: null,
});

it("what is new is marked, what is gone is listed, and what has not been played again is neither", () => {
  const former = [entry(0, "entered", "a"), entry(10, "left", "a", "next"), entry(10, "entered", "b"), entry(90, "left", "b", "next")];
  const now = [entry(0, "entered", "a"), entry(5, "left", "a", "yes"), entry(5, "entered", "c")];
  const found = compareLines(former, now, 50);
  expect([...found.fresh]).toEqual([1, 2]);
  expect(found.gone.map((one) => one.step)).toEqual(["a", "b"]);
});

it("the same twice is the same only as often", () => {
  const twice = [entry(0, "entered", "a"), entry(0, "entered", "a")];
  expect([...compareLines(twice.slice(1), twice, 10).fresh]).toEqual([1]);
  expect(compareLines(twice, twice, 10)).toEqual({ fresh: new Set(), gone: [] });
});
