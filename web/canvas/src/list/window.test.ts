import { expect, it } from "vitest";
import { ROW, spanOf } from "./window";

it("of a long list only the visible rows are rendered, and a few beyond", () => {
  expect(spanOf(0, 700, 100)).toEqual({ from: 0, to: 100 });
  const { from, to } = spanOf(500 * ROW, 700, 2_000);
  expect([from, to - from < 60, from <= 500, to >= 519]).toEqual([488, true, true, true]);
  expect(spanOf(2_000 * ROW, 700, 2_000).to).toBe(2_000);
});
