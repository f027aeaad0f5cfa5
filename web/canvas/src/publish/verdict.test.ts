import { expect, it } from "vitest";
import type { Preflight } from "./preflight";
import { verdictOf } from "./verdict";

const checks = (...verdicts: string[]): Preflight =>
  ({ checks: verdicts.map((verdict) => ({ verdict, progress: null })) }) as unknown as Preflight;
const fine = { errors: 0, warnings: 0, upToDate: false, checks: checks("ok", "ok"), failed: false };

it("one sentence says whether the draft can be published", () => {
  expect(verdictOf(fine).key).toBe("verdict.ready");
  expect(verdictOf({ ...fine, errors: 2, warnings: 1 })).toEqual({ key: "verdict.errors", count: 2, tone: "bad" });
  expect(verdictOf({ ...fine, upToDate: true }).key).toBe("verdict.nothing");
  expect(verdictOf({ ...fine, checks: checks("stop", "look") })).toEqual({ key: "verdict.stop", count: 1, tone: "bad" });
  expect(verdictOf({ ...fine, warnings: 1, checks: checks("look", "ok") })).toEqual({ key: "verdict.look", count: 2, tone: "warn" });
});

it("promises nothing before all is checked, or where it could not be", () => {
  expect(verdictOf({ ...fine, checks: undefined }).key).toBe("verdict.checking");
  expect(verdictOf({ ...fine, checks: undefined, failed: true }).key).toBe("verdict.unchecked");
});
