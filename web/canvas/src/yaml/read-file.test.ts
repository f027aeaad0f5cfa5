import { describe, expect, it } from "vitest";
import { contentTypeOf, taken } from "./read-file";

describe("a journey file that replaces the draft", () => {
  it("has this journey's key, whatever it was called", () => {
    expect(taken({ key: "other", name: { ko: "이름" }, steps: [], edges: [] }, "mine").key).toBe("mine");
  });

  it("keeps what can be drawn, however unfinished or wrong the rest", () => {
    const found = { name: 3, entry: [], steps: [{ id: "a", kind: "k" }, { id: 7 }, null], edges: [{ from: "a", to: "b" }, { from: "a" }, "x"] };
    expect(taken(found as never, "mine")).toEqual({
      key: "mine", name: {}, entry: { triggers: [] }, steps: [{ id: "a", kind: "k", settings: {} }], edges: [{ from: "a", to: "b" }],
    });
  });

  it("is read as JSON by its name, as YAML otherwise", () => {
    expect(["a.json", "a.JSON", "a.yaml", "a.yml"].map(contentTypeOf)).toEqual(["application/json", "application/json", "application/yaml", "application/yaml"]);
  });
});
