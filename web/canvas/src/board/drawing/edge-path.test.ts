import { expect, it } from "vitest";
import { type Run, edgePath } from "./edge-path";

const run = (to: [number, number], rest: Partial<Run> = {}): Run => ({
  from: { x: 100, y: 100 },
  to: { x: to[0], y: to[1] },
  beside: { left: 64, right: 192 },
  half: 128,
  index: 0,
  count: 2,
  ...rest,
});

it("runs straight down where nothing is aside", () => {
  expect(edgePath(run([100, 200])).path).toBe("M100 100L100 200");
});

it("neighbouring edges to one side turn at different heights and do not cross", () => {
  const turn = (index: number, x: number) => edgePath(run([x, 300], { index })).label.y;
  expect(turn(1, -400)).toBeGreaterThan(turn(0, -400));
  expect(turn(0, 800)).toBeGreaterThan(turn(1, 800));
});

it("goes around the nearer side of the card when it leads back", () => {
  expect(edgePath(run([164, 10])).label.x).toBeLessThan(36);
  expect(edgePath(run([164, 10], { beside: { left: 192, right: 64 }, from: { x: 228, y: 100 } })).label.x).toBeGreaterThan(292);
});
