/** The tree of a condition as it is drawn: groups of sentences. Saved as the file has it (`all`, `any`, `not`). */

import type { Json, JsonObject } from "@/document/types";
import { isObject, moved } from "@/forms/paths";

/** all: every one · any: at least one · none: not any · not_all: not every one */
export type Mode = "all" | "any" | "none" | "not_all";
export const MODES: readonly Mode[] = ["all", "any", "none", "not_all"];
export type Group = { mode: Mode; parts: Node[] };
export type Node = Group | { leaf: JsonObject };
export type Place = readonly number[];

export const isGroup = (node: Node): node is Group => "mode" in node;

const partsOf = (value: JsonObject): JsonObject[] => (Array.isArray(value.of) ? value.of.filter(isObject) : []);

/** A condition as groups and sentences. */
export function toTree(value: Json | undefined): Node {
  if (!isObject(value)) return { mode: "all", parts: [] };
  if (value.kind === "all" || value.kind === "any") return { mode: value.kind, parts: partsOf(value).map(toTree) };
  if (value.kind !== "not") return { leaf: value };
  const inner = isObject(value.of) ? toTree(value.of) : { mode: "all" as const, parts: [] };
  if (isGroup(inner) && inner.mode === "any") return { mode: "none", parts: inner.parts };
  if (isGroup(inner) && inner.mode === "all") return { mode: "not_all", parts: inner.parts };
  return { mode: "none", parts: [inner] };
}

/** The tree as the file holds it. The negation of one sentence is written as `not`. */
export function fromTree(node: Node): JsonObject {
  if (!isGroup(node)) return node.leaf;
  const of = node.parts.map(fromTree);
  if (node.mode === "all" || node.mode === "any") return { kind: node.mode, of };
  const only = of[0];
  if (node.mode === "none" && of.length === 1 && only) return { kind: "not", of: only };
  return { kind: "not", of: { kind: node.mode === "none" ? "any" : "all", of } };
}

/** The outermost node is always drawn as a group, so that a second sentence can be added. */
export function rootOf(value: Json | undefined): Group {
  const tree = toTree(value);
  return isGroup(tree) ? tree : { mode: "all", parts: [tree] };
}

/** What is saved of the outermost group: null where it is empty and may be; a single sentence without a group. */
export function toFile(root: Group, optional: boolean): JsonObject | null {
  if (root.parts.length === 0 && root.mode === "all" && optional) return null;
  const only = root.parts[0];
  if (root.mode === "all" && root.parts.length === 1 && only) return fromTree(only);
  return fromTree(root);
}

export function at(root: Group, place: Place): Node | undefined {
  return place.reduce<Node | undefined>((node, n) => (node && isGroup(node) ? node.parts[n] : undefined), root);
}

/** The tree with the node at a place changed; `null` takes it out. */
export function changed(root: Group, place: Place, change: (node: Node) => Node | null): Group {
  const [first, ...rest] = place;
  if (first === undefined) {
    const made = change(root);
    return made && isGroup(made) ? made : { mode: "all", parts: made ? [made] : [] };
  }
  const parts = root.parts.flatMap((part, n) => {
    if (n !== first) return [part];
    if (rest.length === 0) {
      const made = change(part);
      return made ? [made] : [];
    }
    return [isGroup(part) ? changed(part, rest, change) : part];
  });
  return { ...root, parts };
}

export function added(root: Group, place: Place, node: Node): Group {
  return changed(root, place, (group) => (isGroup(group) ? { ...group, parts: [...group.parts, node] } : group));
}

/** Moves a node up or down among its siblings. */
export function shifted(root: Group, place: Place, by: 1 | -1): Group {
  const n = place.at(-1);
  if (n === undefined) return root;
  return changed(root, place.slice(0, -1), (group) => (isGroup(group) ? { ...group, parts: moved(group.parts, n, n + by) } : group));
}

/** Puts a sentence into a new group, to which others can be added. */
export function grouped(root: Group, place: Place, mode: Mode): Group {
  return changed(root, place, (node) => ({ mode, parts: [node] }));
}

/** Replaces a group by its parts. */
export function ungrouped(root: Group, place: Place): Group {
  const n = place.at(-1);
  if (n === undefined) return root;
  return changed(root, place.slice(0, -1), (group) => {
    const inner = isGroup(group) ? group.parts[n] : undefined;
    if (!isGroup(group) || !inner || !isGroup(inner)) return group;
    return { ...group, parts: group.parts.flatMap((part, m) => (m === n ? inner.parts : [part])) };
  });
}

export const countLeaves = (node: Node): number => (isGroup(node) ? node.parts.reduce((sum, part) => sum + countLeaves(part), 0) : 1);
