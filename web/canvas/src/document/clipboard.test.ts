import { expect, it } from "vitest";
import { fromText, toText } from "./clipboard";

const clip = { sojourn: "steps" as const, steps: [{ id: "a", kind: "x", settings: {} }], edges: [], positions: { a: { x: 1, y: 2 } } };

it("steps survive the clipboard", () => {
  expect(fromText(toText(clip))).toEqual(clip);
});

it.each([
  "hello",
  "",
  "[]",
  "null",
  '{"sojourn":"steps"}',
  JSON.stringify({ ...clip, steps: [] }),
  JSON.stringify({ ...clip, steps: [{ id: "<b>", kind: "x", settings: {} }] }),
  JSON.stringify({ ...clip, steps: [{ id: "a", kind: "x" }] }),
  JSON.stringify({ ...clip, edges: [{ from: "a" }] }),
  JSON.stringify({ ...clip, steps: Array(2001).fill(clip.steps[0]) }),
])("other text holds no steps: %s", (text) => {
  expect(fromText(text.slice(0, 200_000))).toBeNull();
});

it("invalid positions are left out", () => {
  expect(fromText(JSON.stringify({ ...clip, positions: { a: { x: "1", y: null } } }))?.positions).toEqual({});
});
