import { expect, it } from "vitest";
import type { Problem } from "@/document/types";
import { asLocal, moved, problemsAt, withMember } from "./paths";

const problem = (field: string | null): Problem => ({
  code: "invalid_value",
  severity: "error",
  step: "a",
  field,
  parameters: {},
  message: "",
  text: { en: "", ko: "" },
});

it("a problem is found at its own field, and by an editor that draws all below", () => {
  const found = [problem("steps.3.settings.branches.0.when.event"), problem("settings.window"), problem("only_if"), problem(null)];
  expect(problemsAt(found, ["settings", "window"], false)).toEqual([found[1]]);
  expect(problemsAt(found, ["settings", "branches", 0, "when"], false)).toEqual([]);
  expect(problemsAt(found, ["settings", "branches", 0, "when"], true)).toEqual([found[0]]);
  expect(problemsAt(found, ["settings", "branches", 1, "when"], true)).toEqual([]);
});

it("a changed member keeps its place among the others", () => {
  expect(Object.keys(withMember({ a: 1, b: 2 }, "a", 3))).toEqual(["a", "b"]);
  expect(withMember({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
});

it("a move beyond the end changes nothing", () => {
  expect(moved([1, 2, 3], 0, 2)).toEqual([2, 3, 1]);
  expect(moved([1, 2], 1, 2)).toEqual([1, 2]);
});

it("words by language are read from whatever a file holds", () => {
  expect(asLocal("Cart")).toEqual({ ko: "Cart", en: "Cart" });
  expect(asLocal({ ko: "장바구니", en: 3, de: [] })).toEqual({ ko: "장바구니" });
  for (const none of [null, undefined, 7, ["a"]]) expect(asLocal(none)).toEqual({});
});
