import { describe, expect, it } from "vitest";
import { formatSpan, parseSpan, secondsOf } from "./duration";

describe("a duration", () => {
  it("is read from ISO 8601 and from the short form", () => {
    expect(parseSpan("P2D")).toEqual({ amount: 2, unit: "days" });
    expect(parseSpan("2d")).toEqual({ amount: 2, unit: "days" });
    expect(parseSpan("PT90M")).toEqual({ amount: 90, unit: "minutes" });
    expect(parseSpan("1h30m")).toEqual({ amount: 90, unit: "minutes" });
    expect(parseSpan("PT0S")).toEqual({ amount: 0, unit: "days" });
  });

  it("keeps weeks only where they were written", () => {
    expect(parseSpan("P2W")).toEqual({ amount: 2, unit: "weeks" });
    expect(parseSpan("P14D")).toEqual({ amount: 14, unit: "days" });
  });

  it("is null for other text", () => {
    for (const text of ["", "P", "PT", "soon", "3", "P1DT"]) expect(secondsOf(text)).toBeNull();
  });

  it("is written as it was read", () => {
    for (const text of ["P1D", "PT5M", "PT12H", "P3W", "PT45S"]) expect(formatSpan(parseSpan(text)!)).toBe(text);
  });

  it("writes a fraction in a smaller unit", () => {
    expect(formatSpan({ amount: 1.5, unit: "days" })).toBe("PT36H");
    expect(formatSpan({ amount: 0.5, unit: "hours" })).toBe("PT30M");
  });
});
