/** Actions on the canvas. Each is one step of undo, and is announced. */

import {
  addStep,
  changeStep,
  connect,
  disconnect,
  freeId,
  insertInto,
  type Languages,
  newStep,
  placed,
  portOf,
  removeSteps,
} from "@/document/edit";
import { portsOf } from "@/document/described";
import { laneAt, lanesOf, middleOf, positionOf, stageOf } from "@/document/lanes";
import { axisOf, pointOn } from "@/document/axis";
import { CARD, ENTRY_SIZE, onGrid, portAt } from "@/document/size";
import { typeOf } from "@/document/step-types";
import { redo as redoDraft, undo as undoDraft, useDraft } from "@/document/draft";
import { type Edge, ENTRY, type JourneyDocument, type Point, type Stage, type StepNode } from "@/document/types";
import { announce, toast } from "@/ui/toasts";
import { NOTHING, useUi } from "@/ui/state";
import { page } from "@/page";
import { language, word } from "@/words";
import { editable, middle, sizeOf } from "./flow";
import { titleOf } from "@/document/titles";

const GAP = 72;

/** The first message speaks to customers, and is read by whoever writes it. */
const spoken = (): Languages => ({ known: page.languages, first: [page.customersSpeak, language()] });

const draft = (): JourneyDocument => useDraft.getState().document;
const edit = (change: (document: JourneyDocument) => JourneyDocument): void => useDraft.getState().edit(change);
const stepOf = (id: string): StepNode | undefined => draft().steps.find((step) => step.id === id);
const sizeHere = (id: string) => {
  const step = stepOf(id);
  return step ? sizeOf(step) : ENTRY_SIZE;
};

/** Adds a step at a point. It gets the stage of the lane there, or of the step that it follows. */
export function addAt(kind: string, at: Point | null, from?: { id: string; port: string }): string | null {
  const type = typeOf(kind);
  if (!type || !editable()) return null;
  const document = draft();
  const spot = onGrid(at ?? freeSpot(document, offset(middle(), -CARD.width / 2, -CARD.height / 2)));
  const source = from ? stepOf(from.id) : undefined;
  const there = laneAt(lanesOf(document, sizeOf), middleOf(axisOf(document), spot, CARD))?.stage ?? null;
  const step = newStep(document, type, source ? stageOf(source) : from ? stageAtEntry(document) : there, spoken());
  edit((now) => {
    const added = addStep(now, step, spot);
    return from ? connect(added, { from: from.id, port: from.port, to: step.id }) : added;
  });
  return chosen(step);
}

/** Adds a step after a port, behind it and in the same stage. */
export function addAfter(kind: string, from: string, port: string): string | null {
  const type = typeOf(kind);
  if (!type || !editable()) return null;
  const document = draft();
  const edge = document.edges.find((one) => one.from === from && portOf(one) === port);
  if (edge) return insertAt(kind, edge);
  const source = stepOf(from);
  const step = newStep(document, type, source ? stageOf(source) : stageAtEntry(document), spoken());
  const at = freeSpot(document, behind(from, port));
  edit((now) => connect(addStep(now, step, onGrid(at)), { from, port, to: step.id }));
  return chosen(step);
}

/** The position of a new step after a port. */
function behind(from: string, port: string): Point {
  const axis = axisOf(draft());
  const size = sizeHere(from);
  const step = stepOf(from);
  const ports = step ? portsOf(step) : [];
  const index = Math.max(0, ports.findIndex((one) => one.name === port));
  const at = positionOf(draft(), from);
  const aside = at[axis.aside] + portAt(size, ports.length, index, axis)[axis.aside] - CARD[axis.breadth] / 2;
  return pointOn(axis, at[axis.at] + size[axis.length] + GAP, aside);
}

/** The first step of a journey gets the stage of the lane in which the entry lies. */
const stageAtEntry = (document: JourneyDocument): Stage | null =>
  laneAt(lanesOf(document, sizeOf), middleOf(axisOf(document), positionOf(document, ENTRY), ENTRY_SIZE))?.stage ?? null;

/** The point itself, or the next free one aside. */
function freeSpot(document: JourneyDocument, wanted: Point): Point {
  const boxes = [ENTRY, ...document.steps.map((step) => step.id)].map((id) => ({ ...positionOf(document, id), ...sizeHere(id) }));
  const { aside, breadth } = axisOf(document);
  const spot = { ...wanted };
  for (let tries = 0; tries < 200; tries += 1) {
    const hit = boxes.find(
      (box) => spot.x < box.x + box.width + 16 && spot.x + CARD.width + 16 > box.x && spot.y < box.y + box.height + 16 && spot.y + CARD.height + 16 > box.y,
    );
    if (!hit) return spot;
    spot[aside] = hit[aside] + hit[breadth] + 40;
  }
  return spot;
}

const offset = (point: Point, x: number, y: number): Point => ({ x: point.x + x, y: point.y + y });

/** Inserts a step into an edge; what follows moves on where there is no room. */
export function insertAt(kind: string, edge: Edge): string | null {
  const type = typeOf(kind);
  if (!type || !editable()) return null;
  const document = draft();
  const source = stepOf(edge.from);
  const target = stepOf(edge.to);
  const step = newStep(document, type, source ? stageOf(source) : target ? stageOf(target) : null, spoken());
  const size = sizeOf(step);
  const axis = axisOf(document);
  const begin = behind(edge.from, portOf(edge))[axis.at];
  const to = positionOf(document, edge.to);
  const room = to[axis.at] - begin - size[axis.length] - GAP;
  const straight = pointOn(axis, begin, to[axis.aside] + (sizeHere(edge.to)[axis.breadth] - size[axis.breadth]) / 2);
  edit((now) => {
    const made = room < 0 && to[axis.at] > begin - GAP - 1 ? movedOn(now, edge, -room) : now;
    return insertInto(made, edge, step, type.ports, onGrid(straight));
  });
  return chosen(step);
}

/** Moves on the target of an edge, and all steps that follow behind it. */
function movedOn(document: JourneyDocument, edge: Edge, by: number): JourneyDocument {
  const axis = axisOf(document);
  const first = positionOf(document, edge.to)[axis.at];
  const following = new Set<string>([edge.to]);
  for (const id of following) {
    for (const next of document.edges) {
      if (next.from === id && next.to !== edge.from && positionOf(document, next.to)[axis.at] >= first) following.add(next.to);
    }
  }
  const on = pointOn(axis, by, 0);
  const moved = Object.fromEntries([...following].map((id) => [id, offset(positionOf(document, id), on.x, on.y)]));
  return { ...document, layout: placed(document, moved) };
}

function chosen(step: StepNode): string {
  useUi.getState().set({ selection: { ...NOTHING, steps: [step.id] }, focus: step.id, panel: null });
  announce(word("said.added", { step: titleOf(step) }));
  return step.id;
}

/** Draws an edge from a port to a step, which may be the same step: a wait that starts again. The entry cannot be a target. */
export function join(from: string, port: string, to: string): void {
  if (!editable()) return;
  if (to === ENTRY) return toast(word("said.entry_is_first"), { tone: "trouble" });
  const known = draft().edges.find((edge) => edge.from === from && portOf(edge) === port);
  if (known?.to === to) return;
  edit((now) => connect(now, { from, port, to }));
  const target = stepOf(to);
  announce(word("said.connected", { step: target ? titleOf(target) : to }));
}

export function cutEdge(edge: Edge): void {
  if (!editable()) return;
  edit((now) => disconnect(now, edge));
  useUi.getState().set({ selection: NOTHING });
  announce(word("said.disconnected"));
}

/** Removes what is selected. Where a removed step led to one step only, the edges that led to it are joined with that. */
export function removeSelected(): void {
  const { steps, edge, notes } = useUi.getState().selection;
  if (!editable()) return;
  if (edge) {
    const found = draft().edges.find((one) => one.from === edge.from && portOf(one) === edge.port);
    if (found) cutEdge(found);
    return;
  }
  remove(steps.filter((id) => id !== ENTRY), notes);
}

export function remove(steps: string[], notes: string[] = []): void {
  if (!editable() || steps.length + notes.length === 0) return;
  const before = draft().edges.find((edge) => edge.to === steps[0])?.from ?? null;
  edit((now) => {
    const rest = removeSteps(now, steps);
    if (notes.length === 0) return rest;
    return { ...rest, layout: { ...rest.layout, notes: rest.layout?.notes?.filter((note) => !notes.includes(note.id)) ?? [] } };
  });
  useUi.getState().set({ selection: NOTHING, focus: before });
  const text = steps.length ? word("said.removed", { count: steps.length }) : word("said.note_removed");
  toast(text, { action: { label: word("tool.undo"), run: undo } });
}

export function undo(): void {
  if (!editable()) return;
  if (useDraft.temporal.getState().pastStates.length === 0) return announce(word("said.nothing_to_undo"));
  undoDraft();
  forgetGone();
  announce(word("said.undone"));
}

export function redo(): void {
  if (!editable()) return;
  if (useDraft.temporal.getState().futureStates.length === 0) return announce(word("said.nothing_to_redo"));
  redoDraft();
  forgetGone();
  announce(word("said.redone"));
}

/** Deselects steps that are gone. */
function forgetGone(): void {
  const ids = new Set([ENTRY, ...draft().steps.map((step) => step.id)]);
  const { selection, select } = useUi.getState();
  const left = selection.steps.filter((id) => ids.has(id));
  if (left.length < selection.steps.length) select(left);
}

export function selectAll(): void {
  const notes = draft().layout?.notes ?? [];
  useUi.getState().set({ selection: { steps: draft().steps.map((step) => step.id), edge: null, notes: notes.map((note) => note.id) } });
}

/** Moves what is selected by pixels, for people who use the keyboard. */
export function nudge(dx: number, dy: number): void {
  const { steps, notes } = useUi.getState().selection;
  if (!editable() || steps.length + notes.length === 0) return;
  moveTo(
    Object.fromEntries(steps.map((id) => [id, offset(positionOf(draft(), id), dx, dy)])),
    Object.fromEntries((draft().layout?.notes ?? []).filter((note) => notes.includes(note.id)).map((note) => [note.id, offset(note, dx, dy)])),
  );
}

/** Moves steps and notes to where they were dragged. A step that was dropped on another lane gets its stage. */
export function moveTo(steps: Record<string, Point>, notes: Record<string, Point> = {}): void {
  const lanes = lanesOf(draft(), sizeOf);
  const stages: Record<string, Stage | null> = {};
  for (const [id, at] of Object.entries(steps)) {
    const step = stepOf(id);
    if (!step) continue;
    const lane = laneAt(lanes, middleOf(axisOf(draft()), at, sizeOf(step)));
    if (lane && lane.stage !== stageOf(step)) stages[id] = lane.stage;
  }
  edit((now) => {
    let next: JourneyDocument = { ...now, layout: placed(now, steps) };
    for (const [id, stage] of Object.entries(stages)) next = changeStep(next, id, { stage });
    if (Object.keys(notes).length === 0) return next;
    const moved = next.layout?.notes?.map((note) => ({ ...note, ...notes[note.id] })) ?? [];
    return { ...next, layout: { ...next.layout, notes: moved } };
  });
  const changed = Object.entries(stages);
  if (changed.length) announce(word("said.stage_changed", { stage: word(`stage.${changed[0]?.[1] ?? "none"}`) }));
}

export function addNote(at?: Point): void {
  if (!editable()) return;
  const spot = onGrid(at ?? middle());
  const id = freeId({ steps: (draft().layout?.notes ?? []).map((note) => ({ ...note, kind: "", settings: {} })) }, "note");
  const note = { id, ...spot, width: 216, height: 104, text: "" };
  edit((now) => ({ ...now, layout: { ...now.layout, notes: [...(now.layout?.notes ?? []), note] } }));
  useUi.getState().set({ selection: { ...NOTHING, notes: [id] } });
  announce(word("said.note_added"));
}
