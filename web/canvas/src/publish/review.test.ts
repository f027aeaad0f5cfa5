import { expect, it } from "vitest";
import { roughly } from "./review";

it("expected numbers are told no finer than they are known", () => {
  expect([0, 7.4, 99.6, 123, 1_267, 98_765].map(roughly)).toEqual([0, 7, 100, 120, 1_300, 99_000]);
});
