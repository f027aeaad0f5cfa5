/** Auto-arrange by ELK, in a worker that is loaded on first use. */

import { getViewportForBounds, type Rect } from "@xyflow/react";
import type { ELK as Elk } from "elkjs/lib/elk-api";
import workerUrl from "elkjs/lib/elk-worker.min.js?url";
import { arranged, type ElkNode, graphOf } from "@/document/layout";
import { axisOf, pointOn } from "@/document/axis";
import { portsOf } from "@/document/described";
import { countAsSaved, keepPlaces, useDraft } from "@/document/draft";
import { lanesOf, positionOf } from "@/document/lanes";
import { ENTRY_SIZE, type Size, sizeOf as sizeFor } from "@/document/size";
import { own } from "@/document/table";
import { ENTRY, type JourneyDocument, type StepNode } from "@/document/types";
import { useUi } from "@/ui/state";
import { announce, toast } from "@/ui/toasts";
import { word } from "@/words";
import { editable, flow, onCanvas, sizeOf } from "./flow";
import { READ_WHOLE, SMALLEST } from "./legible";

let elk: Promise<Elk> | null = null;

/** Begins to load ELK, for whoever is about to arrange. */
export const prepareArranging = (): void => void open().catch(() => undefined);

const open = (): Promise<Elk> =>
  (elk ??= import("elkjs/lib/elk-api.js").then((module) => new module.default({ workerFactory: () => new Worker(workerUrl) })));

export async function arrange(document: JourneyDocument): Promise<JourneyDocument> {
  const axis = axisOf(document);
  const size = (step: StepNode): Size => sizeFor(portsOf(step), axis);
  const graph = graphOf(document, portsOf, size);
  const answer = (await (await open()).layout(graph as never)) as { children?: ElkNode[] };
  return arranged(document, answer.children ?? [], size);
}

/** Lets the journey run the other way, from top to bottom or from left to right, as one step of undo. */
export const turnDraft = (): Promise<void> => arrangeDraft(false, !axisOf(useDraft.getState().document).right);

/** Arranges the draft as one step of undo. `quietly`: when a draft without positions is opened; that alone saves nothing. */
export async function arrangeDraft(quietly = false, right = axisOf(useDraft.getState().document).right): Promise<void> {
  if (!quietly && !editable()) return;
  const before = useDraft.getState().document;
  try {
    const after = await arrange({ ...before, layout: { ...before.layout, lanes: right ? "vertical" : "horizontal" } });
    const untouched = useDraft.getState().document === before;
    if (quietly) useDraft.getState().amend((now) => withOwnMoves(now, before, after)); // not asked for by the reader: no step of undo
    else useDraft.getState().edit((now) => (now === before ? after : withOwnMoves(now, before, after)));
    if (quietly && untouched) {
      countAsSaved();
      keepPlaces();
    }
    setTimeout(quietly ? showSelected : showBeginning, 50); // once the nodes have their positions
    if (!quietly) announce(word("said.arranged"));
  } catch {
    toast(word("said.not_arranged"), { tone: "trouble" });
  }
}

/** Merges positions that were computed for `before` with what the reader moved or added since: theirs win. */
function withOwnMoves(now: JourneyDocument, before: JourneyDocument, after: JourneyDocument): JourneyDocument {
  const moved = Object.entries(now.layout?.positions ?? {}).filter(([id, at]) => {
    const was = own(before.layout?.positions, id);
    return was === undefined || was.x !== at.x || was.y !== at.y;
  });
  const steps = new Set([ENTRY, ...now.steps.map((step) => step.id)]);
  const computed = Object.entries(after.layout?.positions ?? {}).filter(([id]) => steps.has(id));
  const turned = axisOf(now) !== axisOf(after); // then places of before mean nothing
  return { ...now, layout: { ...now.layout, lanes: after.layout?.lanes, positions: Object.fromEntries([...computed, ...(turned ? [] : moved)]) } };
}

/** After a quiet arrangement: scrolls to the selected step, else to the beginning. */
function showSelected(): void {
  const chosen = useUi.getState().selection.steps[0];
  if (chosen === undefined) showBeginning();
  else useUi.getState().set({ focus: chosen });
}

/** Shows the whole journey where it stays legible, else as much of its beginning as fits. */
export function showBeginning(): void {
  const surface = flow();
  const box = document.querySelector(".board")?.getBoundingClientRect();
  if (!surface || !box || box.width === 0) return;
  const bounds = boundsOf(surface);
  const zoom = Math.min(1, box.width / (bounds.width + 160), box.height / (bounds.height + 120));
  if (zoom >= READ_WHOLE) return fit();
  beginAt(READ_WHOLE, box, surface.getNodesBounds(surface.getNodes()));
}

/** The beginning of what is too large: from its first step where the entry is in sight then; across, in the middle what fits, else the entry. */
function beginAt(zoom: number, box: DOMRect, bounds: Rect): void {
  const document = onCanvas();
  const axis = axisOf(document);
  const entry = positionOf(document, ENTRY);
  const before = (entry[axis.at] - bounds[axis.at]) * zoom < box[axis.length] / 3 ? bounds[axis.at] : entry[axis.at];
  const fits = bounds[axis.breadth] * zoom <= box[axis.breadth];
  const middle = fits ? bounds[axis.aside] + bounds[axis.breadth] / 2 : entry[axis.aside] + ENTRY_SIZE[axis.breadth] / 2;
  void flow()?.setViewport({ ...pointOn(axis, AHEAD - before * zoom, box[axis.breadth] / 2 - middle * zoom), zoom });
}

/** Pixels between the border and where a journey begins. */
const AHEAD = 56;

const MARGIN = 0.06;

/** Bounds of all nodes and of all lanes, also the empty ones. */
function boundsOf(surface: NonNullable<ReturnType<typeof flow>>): Rect {
  const bounds = surface.getNodesBounds(surface.getNodes());
  const axis = axisOf(onCanvas());
  const lanes = lanesOf(onCanvas(), sizeOf);
  const [at, length] = [bounds[axis.at], bounds[axis.length]];
  const begin = Math.min(at, lanes[0]?.begin ?? at);
  const end = Math.max(at + length, lanes.at(-1)?.end ?? 0);
  return { ...bounds, [axis.at]: begin, [axis.length]: end - begin };
}

/**
 * Shows the whole journey; of one that is too large to be read then, as much of its beginning as can be. React Flow's
 * own `fitView` waits for cards that were never drawn, and so for ever.
 */
export function fit(): void {
  const surface = flow();
  const box = document.querySelector(".board")?.getBoundingClientRect();
  if (!surface || !box || box.width === 0) return;
  const bounds = boundsOf(surface);
  const whole = getViewportForBounds(bounds, box.width, box.height, 0.01, 1, MARGIN);
  if (whole.zoom >= SMALLEST) void surface.setViewport(whole);
  else beginAt(SMALLEST, box, surface.getNodesBounds(surface.getNodes()));
}
