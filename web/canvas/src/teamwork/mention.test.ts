import { describe, expect, it } from "vitest";
import { matching, named, namedIn, parts, typedName } from "./mention";

const people = [
  { id: "1", name: "김지우" },
  { id: "2", name: "Mina Park" },
  { id: "3", name: "Min" },
];

describe("naming somebody", () => {
  it("begins with an @ that ends no word", () => {
    expect(typedName("hello @Mi", 9)).toEqual({ from: 6, part: "Mi" });
    expect(typedName("@", 1)).toEqual({ from: 0, part: "" });
    expect(typedName("mail@example", 12)).toBeNull();
    expect(typedName("@Mina\nnext", 10)).toBeNull();
    expect(typedName("no one", 6)).toBeNull();
  });

  it("finds by the beginning of any word of a name", () => {
    expect(matching(people, "mi").map(({ id }) => id)).toEqual(["2", "3"]);
    expect(matching(people, "par").map(({ id }) => id)).toEqual(["2"]);
    expect(matching(people, "김").map(({ id }) => id)).toEqual(["1"]);
  });

  it("puts the name where it was typed", () => {
    expect(named("hi @mi there", 3, 6, { id: "2", name: "Mina Park" })).toEqual({ text: "hi @Mina Park  there", cursor: 14 });
  });

  it("tells who is named, and shows the longer name whole", () => {
    expect(namedIn("ask @김지우", people).map(({ id }) => id)).toEqual(["1"]);
    expect(parts("hi @Mina Park!", ["Min", "Mina Park"])).toEqual([
      { text: "hi ", named: false },
      { text: "@Mina Park", named: true },
      { text: "!", named: false },
    ]);
  });
});
