/** Copy, cut, paste, duplicate. The clipboard holds text, so that steps can be pasted into other journeys. */

import { fromText, toText } from "@/document/clipboard";
import { type Clip, copied, pasted, placed } from "@/document/edit";
import { axisOf } from "@/document/axis";
import { HEAD, type Lane, laneAt, lanesOf, middleOf, positionOf, stageOf } from "@/document/lanes";
import { CARD, ENTRY_SIZE, onGrid } from "@/document/size";
import { useDraft } from "@/document/draft";
import { ENTRY, type JourneyDocument, type Point, type Stage, type StepNode } from "@/document/types";
import { announce, toast } from "@/ui/toasts";
import { NOTHING, useUi } from "@/ui/state";
import { word } from "@/words";
import { remove } from "./actions";
import { editable, middle, onCanvas, sizeOf } from "./flow";

/** What was copied last, for browsers that do not permit reading the clipboard. */
let own = "";
let lastPasted = { text: "", times: 0 };

const selected = (): string[] => useUi.getState().selection.steps.filter((id) => id !== ENTRY);

export function copySelected(write?: (text: string) => void): boolean {
  const ids = selected();
  if (ids.length === 0) return false;
  own = toText(copied(onCanvas(), ids));
  lastPasted = { text: "", times: 0 };
  if (write) write(own);
  else void navigator.clipboard?.writeText(own).catch(() => undefined);
  announce(word("said.copied", { count: ids.length }));
  return true;
}

export function cutSelected(write?: (text: string) => void): boolean {
  if (!editable() || !copySelected(write)) return false;
  remove(selected());
  return true;
}

/** Pastes steps. Other text is refused with a toast. */
export function pasteText(text: string, at: Point | null = null): boolean {
  if (!editable()) return false;
  const clip = fromText(text);
  if (!clip) {
    toast(word("said.not_steps"), { tone: "trouble" });
    return false;
  }
  const corner = cornerOf(Object.values(clip.positions));
  lastPasted = { text, times: lastPasted.text === text ? lastPasted.times + 1 : 1 };
  const beside = onCanvas().steps.some((step) => clip.positions[step.id] !== undefined);
  const far = { x: middle().x - CARD.width / 2 - corner.x, y: middle().y - CARD.height / 2 - corner.y };
  const step = 32 * lastPasted.times;
  if (at) put(atPlace(clip, at), { x: at.x - corner.x, y: at.y - corner.y });
  else if (beside) put(clip, { x: step, y: step });
  else put(clip, onGrid(far), true);
  return true;
}

/** Steps of one stage get the stage of the lane they are pasted into; steps of several stages keep theirs. */
function atPlace(clip: Clip, at: Point): Clip {
  const stages = new Set(clip.steps.map(stageOf));
  const { document } = useDraft.getState();
  const lane = laneAt(lanesOf(document, sizeOf), middleOf(axisOf(document), at, CARD));
  if (stages.size > 1 || !lane) return clip;
  return { ...clip, steps: clip.steps.map((step) => ({ ...step, stage: lane.stage })) };
}

function put(clip: Clip, offset: Point, clear = false): void {
  let ids: string[] = [];
  useDraft.getState().edit((now) => {
    const done = pasted(now, clip, offset);
    ids = done.ids;
    return inBands(done.document, ids, lanesOf(now, sizeOf), clear ? farthest(now) : null);
  });
  useUi.getState().set({ selection: { ...NOTHING, steps: ids }, focus: ids[0] ?? null });
  announce(word("said.pasted", { count: ids.length }));
}

/** Where the content of each lane ends. */
function farthest(document: JourneyDocument): Map<Stage | null, number> {
  const { at, length } = axisOf(document);
  const found = new Map<Stage | null, number>();
  const lanes = lanesOf(document, sizeOf);
  const note = (stage: Stage | null, end: number): void => void found.set(stage, Math.max(found.get(stage) ?? -Infinity, end));
  for (const step of document.steps) note(stageOf(step), positionOf(document, step.id)[at] + sizeOf(step)[length]);
  const entry = positionOf(document, ENTRY)[at];
  note(laneAt(lanes, entry)?.stage ?? null, entry + ENTRY_SIZE[length]);
  return found;
}

/** Moves pasted steps, by stage, where they would lie outside of their lane, or before where it is free (`behind`). */
function inBands(document: JourneyDocument, ids: string[], lanes: Lane[], behind: Map<Stage | null, number> | null): JourneyDocument {
  const axis = axisOf(document);
  const groups = new Map<Stage | null, StepNode[]>();
  for (const step of document.steps) {
    if (ids.includes(step.id)) groups.set(stageOf(step), [...(groups.get(stageOf(step)) ?? []), step]);
  }
  const moved: Record<string, Point> = {};
  for (const [stage, steps] of groups) {
    const lane = lanes.find((one) => one.stage === stage);
    const first = Math.min(...steps.map((step) => positionOf(document, step.id)[axis.at]));
    const least = Math.max(lane ? lane.begin + HEAD : -Infinity, behind ? (behind.get(stage) ?? -Infinity) + HEAD : -Infinity);
    const most = lane ? Math.max(least, lane.end) : Infinity;
    const by = first < least ? least - first : first > most ? most - first : 0;
    for (const step of steps) {
      const at = positionOf(document, step.id);
      moved[step.id] = { ...at, [axis.at]: at[axis.at] + by };
    }
  }
  return { ...document, layout: placed(document, moved) };
}

const cornerOf = (points: Point[]): Point => ({
  x: points.length ? Math.min(...points.map((point) => point.x)) : 0,
  y: points.length ? Math.min(...points.map((point) => point.y)) : 0,
});

/** Pastes from a menu: the browser may ask for permission; without it, what was copied on this page is pasted. */
export async function paste(at: Point | null = null): Promise<void> {
  let text = own;
  try {
    text = (await navigator.clipboard.readText()) || own;
  } catch {
    // no permission: what was copied on this page is pasted
  }
  pasteText(text, at);
}

export function duplicateSelected(): void {
  const ids = selected();
  if (!editable() || ids.length === 0) return;
  put(copied(onCanvas(), ids), { x: 40, y: 40 });
}
