/** The difference between two states of a journey, and how the canvas shows it. */

import type { Answer } from "@/api/types";
import { axisOf, turned } from "@/document/axis";
import { edgeId, portOf } from "@/document/edit";
import { ENTRY_SIZE, type Size, type SizeOf } from "@/document/size";
import { own } from "@/document/table";
import { ENTRY, type JourneyDocument, type JsonObject, type Point, type StepNode, type Text } from "@/document/types";
import type { Mark } from "@/ui/state";

export type Difference = Answer<"/api/journeys/{key}/difference", "get">;
export type FieldChange = Difference["journey"][number];
export type Change = Difference["edges"][number]["change"];

/** Both in one: the newer, and as ghosts what only the older has. Of a port that leads elsewhere now, only the new edge is drawn. */
export function overlaid(older: JourneyDocument, newer: JourneyDocument, sizeOf: SizeOf): JourneyDocument {
  const there = new Set(newer.steps.map((step) => step.id));
  const gone = older.steps.filter((step) => !there.has(step.id));
  const taken = new Set(newer.edges.map(edgeId));
  const ghosts = older.edges.filter((edge) => !taken.has(edgeId(edge)));
  return {
    ...newer,
    steps: [...newer.steps, ...gone],
    edges: [...newer.edges, ...ghosts],
    layout: { ...newer.layout, positions: placesOf(older, newer, gone, sizeOf) },
  };
}

/** Where the ghosts lie: where they were, or beside what is there now, upon nothing. */
function placesOf(older: JourneyDocument, newer: JourneyDocument, gone: readonly StepNode[], sizeOf: SizeOf): Record<string, Point> {
  const places = { ...newer.layout?.positions };
  const boxes = [...newer.steps.map((step) => [step.id, sizeOf(step)] as const), [ENTRY, ENTRY_SIZE] as const].flatMap(([id, size]) => {
    const at = own(places, id);
    return at ? [{ ...at, ...size }] : [];
  });
  for (const step of gone) {
    const was = own(older.layout?.positions, step.id);
    if (!was) continue;
    const at = axisOf(older) === axisOf(newer) ? was : turned(was);
    const box = { ...at, ...sizeOf(step) };
    for (let other = boxes.find((one) => covers(one, box)); other; other = boxes.find((one) => covers(one, box))) box.x = other.x + other.width + BESIDE;
    boxes.push(box);
    places[step.id] = { x: box.x, y: box.y };
  }
  return places;
}

const BESIDE = 32;

const covers = (a: Point & Size, b: Point & Size): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

/** Marks of the steps, and which edges are lit: those that are new or lead elsewhere. */
export function marksOf(difference: Pick<Difference, "steps" | "edges">): { marks: Record<string, Mark>; litEdges: Record<string, true> } {
  const marks = Object.fromEntries(Object.entries(difference.steps).map(([id, step]) => [id, { tone: step.change }]));
  const lit = difference.edges.filter((edge) => edge.change !== "removed").map((edge) => [`${edge.from}/${edge.port}`, true] as const);
  return { marks, litEdges: Object.fromEntries(lit) };
}

/** Which steps and edges differ, worked out here for what was not saved. Without the words that the server has for it. */
export function roughDifference(older: JourneyDocument, newer: JourneyDocument): Difference {
  const before = new Map(older.steps.map((step) => [step.id, step]));
  const after = new Map(newer.steps.map((step) => [step.id, step]));
  const steps: Difference["steps"] = {};
  const put = (step: StepNode, change: Change): void => {
    steps[step.id] = { change, title: titleText(step), fields: [] };
  };
  for (const step of newer.steps) {
    const old = before.get(step.id);
    if (!old) put(step, "added");
    else if (!same(meaning(old), meaning(step))) put(step, "changed");
  }
  for (const step of older.steps) if (!after.has(step.id)) put(step, "removed");
  const all = Object.values(steps);
  const count = (change: Change): number => all.filter((step) => step.change === change).length;
  return {
    summary: { added: count("added"), removed: count("removed"), changed: count("changed") },
    steps,
    edges: edgeChanges(older, newer),
    journey: [],
  };
}

/** Whether the journey itself (entry, goals, exits, name …) differs. */
export function journeyDiffers(older: JourneyDocument, newer: JourneyDocument): boolean {
  const rest = ({ steps: _, edges: __, layout: ___, ...own }: JourneyDocument): JsonObject => own as unknown as JsonObject;
  return !same(rest(older), rest(newer));
}

function edgeChanges(older: JourneyDocument, newer: JourneyDocument): Difference["edges"] {
  const before = new Map(older.edges.map((edge) => [edgeId(edge), edge]));
  const after = new Map(newer.edges.map((edge) => [edgeId(edge), edge]));
  const changes: Difference["edges"] = [];
  for (const [id, edge] of after) {
    const old = before.get(id);
    if (!old || old.to !== edge.to) changes.push({ from: edge.from, port: portOf(edge), to: edge.to, change: old ? "changed" : "added" });
  }
  for (const [id, edge] of before) {
    if (!after.has(id)) changes.push({ from: edge.from, port: portOf(edge), to: edge.to, change: "removed" });
  }
  return changes;
}

const meaning = ({ id: _, ...rest }: StepNode): JsonObject => ({ ...rest, stage: rest.stage ?? null }) as unknown as JsonObject;

const titleText = (step: StepNode): Text => {
  const any = step.label?.["ko"] || step.label?.["en"] || Object.values(step.label ?? {}).find(Boolean) || step.id;
  return { en: step.label?.["en"] || any, ko: step.label?.["ko"] || any };
};

/** Equal as JSON, whatever the order of names. */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null || Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
  const names = Object.keys(left).filter((name) => left[name] !== undefined);
  return names.length === Object.keys(right).filter((name) => right[name] !== undefined).length && names.every((name) => same(left[name], right[name]));
}
