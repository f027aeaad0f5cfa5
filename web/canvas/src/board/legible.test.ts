import { describe, expect, it } from "vitest";
import { foldedLetters, READ_WHOLE, SMALLEST } from "./legible";

describe("letters of cards", () => {
  it("can be read on the screen at every zoom at which a whole journey is shown", () => {
    for (let zoom = SMALLEST; zoom < READ_WHOLE; zoom += 0.005) expect((foldedLetters(zoom) ?? 13) * zoom).toBeGreaterThanOrEqual(9.7);
    for (let zoom = SMALLEST; foldedLetters(zoom) !== null; zoom += 0.005) expect((foldedLetters(zoom) as number) * zoom).toBeGreaterThanOrEqual(11);
  });

  it("are those of the drawing where cards are large", () => {
    expect(foldedLetters(0.75)).toBeNull();
    expect(foldedLetters(2)).toBeNull();
  });
});
