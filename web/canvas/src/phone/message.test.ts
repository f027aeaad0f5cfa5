import { describe, expect, it } from "vitest";
import { endOfShort, won } from "./message";

describe("where a short message ends", () => {
  it("is behind 90 bytes, two for a Korean letter", () => {
    expect(endOfShort("가".repeat(45))).toBeNull();
    expect(endOfShort("가".repeat(46))).toBe(45);
    expect(endOfShort("a".repeat(91))).toBe(90);
    expect(endOfShort(`a${"가".repeat(45)}`)).toBe(45);
  });
});

describe("a price", () => {
  it("is grouped, and left alone where it is none", () => {
    expect(won("29000")).toBe("29,000원");
    expect(won("29,000원")).toBe("29,000원");
    expect(won("{{ entry.price }}")).toBe("{{ entry.price }}");
    expect(won(undefined)).toBe("");
  });
});
