import { describe, expect, it } from "vitest";
import { own, table } from "./table";

describe("tables by id", () => {
  it("find nothing under the names of objects' own properties", () => {
    expect(table<number>()["constructor"]).toBeUndefined();
    expect(table<number>({ a: 1 })["a"]).toBe(1);
    expect(own<number>({ a: 1 }, "constructor")).toBeUndefined();
    expect(own<number>({ a: 1 }, "a")).toBe(1);
    expect(own<number>(undefined, "a")).toBeUndefined();
  });

  it("hold a step that is called like one", () => {
    const rows = table<number>();
    rows["__proto__"] = 3;
    expect(Object.keys(rows)).toEqual(["__proto__"]);
  });
});
