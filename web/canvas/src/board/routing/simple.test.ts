import { expect, it } from "vitest";
import type { Point } from "@/document/types";
import { plainWays, type Run, rounded } from "./simple";

const run = (to: [number, number], rest: Partial<Run> = {}): Run => ({
  from: { x: 100, y: 100 },
  to: { x: to[0], y: to[1] },
  beside: { left: 64, right: 192 },
  half: 128,
  index: 0,
  count: 2,
  ...rest,
});
const first = (of: Run): Point[] => plainWays(of).next().value as Point[];

it("runs straight down where nothing is aside, or little", () => {
  expect(rounded(first(run([100, 200])))).toBe("M100 100L100 200");
  expect(rounded(first(run([108, 200])))).toBe("M100 100L100 200");
});

it("neighbouring edges to one side turn at different heights and do not cross", () => {
  const turn = (index: number, x: number) => first(run([x, 300], { index }))[1]?.y ?? 0;
  expect(turn(1, -400)).toBeGreaterThan(turn(0, -400));
  expect(turn(0, 800)).toBeGreaterThan(turn(1, 800));
});

it("goes around the nearer side of the card when it leads back", () => {
  const side = (of: Run): number => first(of)[2]?.x ?? 0;
  expect(side(run([164, 10]))).toBeLessThan(36);
  expect(side(run([164, 10], { beside: { left: 192, right: 64 }, from: { x: 228, y: 100 } }))).toBeGreaterThan(292);
});
