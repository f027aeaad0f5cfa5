/** The four stages as lanes across the canvas: a step lies in the lane of its stage, and gets the stage of its lane. Pure geometry. */

import { type Axis, axisOf, pointOn } from "./axis";
import { ENTRY_SIZE, type Size, type SizeOf } from "./size";
import { own } from "./table";
import { ENTRY, type JourneyDocument, type Point, type Stage, STAGES, type StepNode } from "./types";

/** A lane, by where it begins and ends along the way of the journey. Steps without a stage lie in one of their own before the others. */
export type Lane = { stage: Stage | null; begin: number; end: number };

export const HEAD = 40;
/** Behind the entry of a journey that has no step yet. */
const ROOM = 200;
const START: Point = { x: 0, y: 0 };

export const stageOf = (step: StepNode): Stage | null => (step.stage && STAGES.includes(step.stage) ? step.stage : null);

export const positionOf = (document: JourneyDocument, id: string): Point => own(document.layout?.positions, id) ?? START;

type Extent = { begin: number; end: number };

/** Where the steps of each stage begin and end. */
function extents(document: JourneyDocument, sizeOf: SizeOf): Map<Stage | null, Extent> {
  const axis = axisOf(document);
  const found = new Map<Stage | null, Extent>();
  for (const step of document.steps) {
    const begin = positionOf(document, step.id)[axis.at];
    const end = begin + sizeOf(step)[axis.length];
    const known = found.get(stageOf(step));
    if (!known) found.set(stageOf(step), { begin, end });
    else {
      known.begin = Math.min(known.begin, begin);
      known.end = Math.max(known.end, end);
    }
  }
  return found;
}

/** The lanes in their order. The entry may lie anywhere; before all steps, it widens the first lane that has any. */
export function lanesOf(document: JourneyDocument, sizeOf: SizeOf): Lane[] {
  const axis = axisOf(document);
  const content = extents(document, sizeOf);
  const entry = positionOf(document, ENTRY)[axis.at];
  const stages: (Stage | null)[] = content.has(null) ? [null, ...STAGES] : [...STAGES];
  const first = Math.max(0, stages.findIndex((stage) => content.has(stage)));
  const upper = content.get(stages[first] ?? null);
  let at = Math.min(upper?.begin ?? entry, entry) - HEAD - first * axis.empty;
  return stages.map((stage, n) => {
    const begin = at;
    const inside = content.get(stage);
    at = inside ? inside.end + axis.foot : begin + axis.empty;
    if (content.size === 0 && n === 0) at = entry + ENTRY_SIZE[axis.length] + ROOM;
    return { stage, begin, end: at };
  });
}

/** The lane at a distance along the way; before the first and behind the last, these. */
export function laneAt(lanes: readonly Lane[], along: number): Lane | undefined {
  return lanes.find((lane) => along < lane.end) ?? lanes.at(-1);
}

/** How far along the way the middle of a card lies. */
export const middleOf = (axis: Axis, at: Point, size: Size): number => at[axis.at] + size[axis.length] / 2;

/**
 * Keeps each step in the lane of its stage: one whose stage was changed goes to the foot of the new lane, and lanes
 * that have grown push what lies below them down.
 */
export function settled(before: JourneyDocument, after: JourneyDocument, sizeOf: SizeOf): JourneyDocument {
  if ((before.steps === after.steps && before.layout === after.layout) || axisOf(before) !== axisOf(after)) return after;
  const placed = relocated(before, after, sizeOf);
  const shifts = shiftsOf(placed, sizeOf);
  return shifts.size === 0 ? placed : shifted(placed, shifts, lanesOf(before, sizeOf));
}

function relocated(before: JourneyDocument, after: JourneyDocument, sizeOf: SizeOf): JourneyDocument {
  if (before.steps === after.steps) return after;
  const was = new Map(before.steps.map((step) => [step.id, step]));
  const strays = after.steps.filter((step) => {
    const old = was.get(step.id);
    const same = before.layout?.positions?.[step.id] === after.layout?.positions?.[step.id];
    return old !== undefined && old !== step && stageOf(old) !== stageOf(step) && same;
  });
  if (strays.length === 0) return after;
  const moving = new Set(strays.map((step) => step.id));
  const rest = { ...after, steps: after.steps.filter((step) => !moving.has(step.id)) };
  const lanes = lanesOf(rest, sizeOf);
  const content = extents(rest, sizeOf);
  const positions = { ...after.layout?.positions };
  const axis = axisOf(after);
  for (const step of strays) {
    const stage = stageOf(step);
    const inside = content.get(stage);
    const lane = lanes.find((one) => one.stage === stage);
    const along = inside ? inside.end + HEAD : (lane?.begin ?? lanes[0]?.begin ?? 0) + HEAD;
    positions[step.id] = pointOn(axis, along, positionOf(after, step.id)[axis.aside]);
  }
  return { ...after, layout: { ...after.layout, positions } };
}

/** How far each lane has to move on, so that none begins before the end of the one before. */
function shiftsOf(document: JourneyDocument, sizeOf: SizeOf): Map<Stage | null, number> {
  const { empty, foot } = axisOf(document);
  const content = extents(document, sizeOf);
  const shifts = new Map<Stage | null, number>();
  let last: { place: number; end: number } | null = null;
  for (const [n, stage] of [null, ...STAGES].entries()) {
    const inside = content.get(stage);
    if (!inside) continue;
    const least: number = last ? last.end + (n - last.place - 1) * empty + HEAD : inside.begin;
    const shift = Math.max(0, least - inside.begin);
    if (shift > 0) shifts.set(stage, shift);
    last = { place: n, end: inside.end + shift + foot };
  }
  return shifts;
}

/** Moves lanes on, with the entry and the notes in them. */
function shifted(document: JourneyDocument, shifts: Map<Stage | null, number>, lanes: Lane[]): JourneyDocument {
  const { at: along } = axisOf(document);
  const positions = { ...document.layout?.positions };
  const on = (id: string, by: number): void => {
    const at = positionOf(document, id);
    if (by) positions[id] = { ...at, [along]: at[along] + by };
  };
  for (const step of document.steps) on(step.id, shifts.get(stageOf(step)) ?? 0);
  const by = (place: number): number => shifts.get(laneAt(lanes, place)?.stage ?? null) ?? 0;
  on(ENTRY, by(positionOf(document, ENTRY)[along]));
  const notes = document.layout?.notes?.map((note) => (by(note[along]) ? { ...note, [along]: note[along] + by(note[along]) } : note));
  return { ...document, layout: { ...document.layout, positions, ...(notes && { notes }) } };
}

/** Moves the steps apart as far as the lanes need, after everything got a new position. The entry stays in the first lane. */
export function spread(document: JourneyDocument, sizeOf: SizeOf): JourneyDocument {
  const { at: along } = axisOf(document);
  const shifts = shiftsOf(document, sizeOf);
  const positions = { ...document.layout?.positions };
  for (const step of document.steps) {
    const at = positionOf(document, step.id);
    positions[step.id] = { ...at, [along]: at[along] + (shifts.get(stageOf(step)) ?? 0) };
  }
  return { ...document, layout: { ...document.layout, positions } };
}
