import { describe, expect, it } from "vitest";
import type { JsonObject } from "@/document/types";
import { added, at, changed, countLeaves, fromTree, grouped, rootOf, shifted, toFile, toTree, ungrouped } from "./tree";

const vip: JsonObject = { kind: "attribute", name: "tier", op: "eq", value: "VIP" };
const agreed: JsonObject = { kind: "consent", channel: "email", purpose: "advertising", granted: true };
const bought: JsonObject = { kind: "history", event: "Order Completed" };

describe("a condition's tree", () => {
  it("comes back with the same meaning", () => {
    const nested: JsonObject = {
      kind: "all",
      of: [vip, { kind: "any", of: [agreed, { kind: "not", of: bought }] }, { kind: "not", of: { kind: "all", of: [vip, agreed] } }],
    };
    expect(fromTree(toTree(nested))).toEqual(nested);
  });

  it("shows a negated “any” as “none”", () => {
    expect(toTree({ kind: "not", of: { kind: "any", of: [vip, agreed] } })).toEqual({
      mode: "none",
      parts: [{ leaf: vip }, { leaf: agreed }],
    });
    expect(fromTree({ mode: "none", parts: [{ leaf: vip }] })).toEqual({ kind: "not", of: vip });
  });

  it("is drawn as a group even where the file holds one sentence, and saved as one again", () => {
    expect(rootOf(vip)).toEqual({ mode: "all", parts: [{ leaf: vip }] });
    expect(toFile(rootOf(vip), true)).toEqual(vip);
    expect(toFile({ mode: "any", parts: [{ leaf: vip }] }, true)).toEqual({ kind: "any", of: [vip] });
  });

  it("asks nothing where it is empty, if that is allowed", () => {
    expect(toFile(rootOf(null), true)).toBeNull();
    expect(toFile(rootOf(undefined), false)).toEqual({ kind: "all", of: [] });
  });

  it("grows, changes and shrinks at a place", () => {
    const root = added(rootOf(vip), [], { mode: "any", parts: [{ leaf: agreed }] });
    const more = added(root, [1], { leaf: bought });
    expect(at(more, [1, 1])).toEqual({ leaf: bought });
    expect(countLeaves(more)).toBe(3);
    expect(countLeaves(changed(more, [1, 0], () => null))).toBe(2);
    expect(
      at(
        changed(more, [0], () => ({ leaf: bought })),
        [0],
      ),
    ).toEqual({ leaf: bought });
  });

  it("moves a sentence among its neighbours and no further", () => {
    const root = rootOf({ kind: "all", of: [vip, agreed] });
    expect(fromTree(shifted(root, [0], 1))).toEqual({ kind: "all", of: [agreed, vip] });
    expect(shifted(root, [0], -1)).toEqual(root);
    expect(shifted(root, [1], 1)).toEqual(root);
  });

  it("puts a sentence into a group and takes the group apart", () => {
    const root = rootOf({ kind: "all", of: [vip, agreed] });
    const boxed = grouped(root, [1], "any");
    expect(fromTree(boxed)).toEqual({ kind: "all", of: [vip, { kind: "any", of: [agreed] }] });
    expect(ungrouped(boxed, [1])).toEqual(root);
  });
});
