import { expect, it } from "vitest";
import { pauseAfter } from "./live-feed";

it("a broken connection is tried again less and less often, but at least twice a minute", () => {
  expect([1, 2, 3, 10].map(pauseAfter)).toEqual([1_000, 2_000, 4_000, 30_000]);
});
