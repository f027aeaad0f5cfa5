import { expect, it } from "vitest";
import { countUndrawn } from "./undrawn";

it("who stands at a step that is no longer drawn is counted, and nobody else", () => {
  const live = { steps: { mail: { here: 2 }, gone: { here: 3 }, past: { here: 0 } } };
  expect(countUndrawn(live, [{ id: "mail" }])).toBe(3);
  expect(countUndrawn(live, [{ id: "mail" }, { id: "gone" }])).toBe(0);
});
