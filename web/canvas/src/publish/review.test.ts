import { expect, it } from "vitest";
import { nothingNew, roughly } from "./review";

it("estimates are rounded to two figures", () => {
  expect([0, 7.4, 99.6, 123, 1_267, 98_765].map(roughly)).toEqual([0, 7, 100, 120, 1_300, 99_000]);
});

it("a draft that is the same as what is live is not published again", () => {
  const same = { summary: { added: 0, removed: 0, changed: 0 }, steps: {}, edges: [], journey: [] };
  expect(nothingNew({ difference: same })).toBe(true);
  expect(nothingNew({ difference: null })).toBe(false);
  expect(nothingNew({ difference: { ...same, edges: [{ from: "a", port: "next", to: "b", change: "added" }] } })).toBe(false);
});
