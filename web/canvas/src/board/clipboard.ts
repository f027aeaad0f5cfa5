/** Copy, cut, paste, duplicate: through the clipboard as text, so that steps go to other journeys as well. */

import { fromText, toText } from "@/document/clipboard";
import { copied, pasted } from "@/document/edit";
import { laneAt, lanesOf, stageOf } from "@/document/lanes";
import { CARD } from "@/document/size";
import { useDraft } from "@/document/store";
import { ENTRY, type Point } from "@/document/types";
import { announce, toast } from "@/ui/announce";
import { NOTHING, useUi } from "@/ui/state";
import { word } from "@/words";
import { remove } from "./actions";
import { editable, middle, onCanvas, sizeOf } from "./flow";

/** What was copied last, for browsers that do not let one read the clipboard. */
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

/** Puts steps in. Text that is none is left, with a word about what would be. */
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
  const offset = at ? { x: at.x - corner.x, y: at.y - corner.y } : beside ? { x: step, y: step } : far;
  put(clip, offset);
  return true;
}

function put(clip: NonNullable<ReturnType<typeof fromText>>, offset: Point): void {
  const lanes = lanesOf(useDraft.getState().document, sizeOf);
  let ids: string[] = [];
  useDraft.getState().edit((now) => {
    const done = pasted(now, clip, offset);
    ids = done.ids;
    const fresh = new Set(ids);
    const steps = done.document.steps.map((step) => {
      if (!fresh.has(step.id)) return step;
      const y = (done.document.layout?.positions?.[step.id]?.y ?? 0) + sizeOf(step).height / 2;
      const stage = laneAt(lanes, y)?.stage ?? stageOf(step);
      return { ...step, stage };
    });
    return { ...done.document, steps };
  });
  useUi.getState().set({ selection: { ...NOTHING, steps: ids }, focus: ids[0] ?? null });
  announce(word("said.pasted", { count: ids.length }));
}

const cornerOf = (points: Point[]): Point => ({
  x: points.length ? Math.min(...points.map((point) => point.x)) : 0,
  y: points.length ? Math.min(...points.map((point) => point.y)) : 0,
});

/** From a menu: the browser may ask whether it may read the clipboard; else what was copied here last is taken. */
export async function paste(at: Point | null = null): Promise<void> {
  let text = own;
  try {
    text = (await navigator.clipboard.readText()) || own;
  } catch {
    // not allowed: what was copied on this page is at hand
  }
  pasteText(text, at);
}

export function duplicateSelected(): void {
  const ids = selected();
  if (!editable() || ids.length === 0) return;
  put(copied(onCanvas(), ids), { x: 40, y: 40 });
}
