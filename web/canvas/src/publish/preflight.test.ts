import { expect, test } from "vitest";
import { type Check, type Preflight, stopsOf, underWay, type Verdict } from "./preflight";

const words = { en: "", ko: "" };

function check(name: string, verdict: Verdict, progress: Check["progress"] = null): Check {
  return { check: name, title: words, verdict, verdict_title: words, summary: words, figures: [], findings: [], more_findings: 0, progress };
}

const found: Preflight = { revision: 1, verdict: "stop", checks: [check("text", "stop"), check("time", "look"), check("link", "ok")] };

test("only checks that say stop have to be overridden", () => {
  expect(stopsOf(found).map((one) => one.check)).toEqual(["text"]);
  expect(stopsOf(undefined)).toEqual([]);
});

test("checks of links that are still running are asked for again", () => {
  expect(underWay(found)).toBe(false);
  expect(underWay({ ...found, checks: [check("link", "ok", { done: 1, of: 3 })] })).toBe(true);
  expect(underWay(undefined)).toBe(false);
});
