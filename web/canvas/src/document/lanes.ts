/** The four stages as lanes across the canvas: a step lies in the lane of its stage, and gets the stage of its lane. Pure geometry. */

import { ENTRY_SIZE, type SizeOf } from "./size";
import { own } from "./table";
import { ENTRY, type JourneyDocument, type Point, type Stage, STAGES, type StepNode } from "./types";

/** A lane. Steps without a stage lie in a lane of their own above the others, if there are any. */
export type Lane = { stage: Stage | null; top: number; bottom: number };

export const HEAD = 40;
/** Below its last step a lane has room for one more. */
export const FOOT = 112;
/** Height of an empty lane: room to drop something. */
export const EMPTY = 64;
/** Below the entry of a journey that has no step yet. */
const ROOM = 200;
const START: Point = { x: 0, y: 0 };

export const stageOf = (step: StepNode): Stage | null => (step.stage && STAGES.includes(step.stage) ? step.stage : null);

export const positionOf = (document: JourneyDocument, id: string): Point => own(document.layout?.positions, id) ?? START;

type Extent = { top: number; bottom: number };

/** The upper and lower end of the steps of each stage. */
function extents(document: JourneyDocument, sizeOf: SizeOf): Map<Stage | null, Extent> {
  const found = new Map<Stage | null, Extent>();
  for (const step of document.steps) {
    const { y } = positionOf(document, step.id);
    const bottom = y + sizeOf(step).height;
    const known = found.get(stageOf(step));
    if (!known) found.set(stageOf(step), { top: y, bottom });
    else {
      known.top = Math.min(known.top, y);
      known.bottom = Math.max(known.bottom, bottom);
    }
  }
  return found;
}

/** The lanes from the top. The entry may lie anywhere; above all steps, it widens the first lane that has any. */
export function lanesOf(document: JourneyDocument, sizeOf: SizeOf): Lane[] {
  const content = extents(document, sizeOf);
  const entry = positionOf(document, ENTRY).y;
  const stages: (Stage | null)[] = content.has(null) ? [null, ...STAGES] : [...STAGES];
  const first = Math.max(0, stages.findIndex((stage) => content.has(stage)));
  const begin = content.get(stages[first] ?? null);
  let at = Math.min(begin?.top ?? entry, entry) - HEAD - first * EMPTY;
  return stages.map((stage, n) => {
    const top = at;
    const inside = content.get(stage);
    at = inside ? inside.bottom + FOOT : top + EMPTY;
    if (content.size === 0 && n === 0) at = entry + ENTRY_SIZE.height + ROOM;
    return { stage, top, bottom: at };
  });
}

/** The lane at a height; above the first and below the last, these. */
export function laneAt(lanes: readonly Lane[], y: number): Lane | undefined {
  return lanes.find((lane) => y < lane.bottom) ?? lanes.at(-1);
}

/**
 * Keeps each step in the lane of its stage: one whose stage was changed goes to the foot of the new lane, and lanes
 * that have grown push what lies below them down.
 */
export function settled(before: JourneyDocument, after: JourneyDocument, sizeOf: SizeOf): JourneyDocument {
  if (before.steps === after.steps && before.layout === after.layout) return after;
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
  for (const step of strays) {
    const stage = stageOf(step);
    const inside = content.get(stage);
    const lane = lanes.find((one) => one.stage === stage);
    const y = inside ? inside.bottom + HEAD : (lane?.top ?? lanes[0]?.top ?? 0) + HEAD;
    positions[step.id] = { x: positionOf(after, step.id).x, y };
  }
  return { ...after, layout: { ...after.layout, positions } };
}

/** How far each lane has to move down, so that none begins above the end of the one before. */
function shiftsOf(document: JourneyDocument, sizeOf: SizeOf): Map<Stage | null, number> {
  const content = extents(document, sizeOf);
  const shifts = new Map<Stage | null, number>();
  let end: { place: number; bottom: number } | null = null;
  for (const [n, stage] of [null, ...STAGES].entries()) {
    const inside = content.get(stage);
    if (!inside) continue;
    const least: number = end ? end.bottom + (n - end.place - 1) * EMPTY + HEAD : inside.top;
    const shift = Math.max(0, least - inside.top);
    if (shift > 0) shifts.set(stage, shift);
    end = { place: n, bottom: inside.bottom + shift + FOOT };
  }
  return shifts;
}

/** Moves lanes down, with the entry and the notes in them. */
function shifted(document: JourneyDocument, shifts: Map<Stage | null, number>, lanes: Lane[]): JourneyDocument {
  const positions = { ...document.layout?.positions };
  const down = (id: string, by: number): void => {
    const { x, y } = positionOf(document, id);
    if (by) positions[id] = { x, y: y + by };
  };
  for (const step of document.steps) down(step.id, shifts.get(stageOf(step)) ?? 0);
  const by = (y: number): number => shifts.get(laneAt(lanes, y)?.stage ?? null) ?? 0;
  down(ENTRY, by(positionOf(document, ENTRY).y));
  const notes = document.layout?.notes?.map((note) => (by(note.y) ? { ...note, y: note.y + by(note.y) } : note));
  return { ...document, layout: { ...document.layout, positions, ...(notes && { notes }) } };
}

/** Moves the steps apart as far as the lanes need, after everything got a new position. The entry stays in the first lane. */
export function spread(document: JourneyDocument, sizeOf: SizeOf): JourneyDocument {
  const shifts = shiftsOf(document, sizeOf);
  const positions = { ...document.layout?.positions };
  for (const step of document.steps) {
    const { x, y } = positionOf(document, step.id);
    positions[step.id] = { x, y: y + (shifts.get(stageOf(step)) ?? 0) };
  }
  return { ...document, layout: { ...document.layout, positions } };
}
