/** Scrolls to a step and focuses it when something asks for that (`useUi.focus`). */

import { useEffect } from "react";
import { positionOf } from "@/document/lanes";
import { ENTRY_SIZE } from "@/document/size";
import { useUi } from "@/ui/state";
import { flow, onCanvas, sizeOf } from "./flow";
import { SMALLEST } from "./legible";

export function useFocusedStep(): void {
  const focus = useUi((ui) => ui.focus);
  useEffect(() => {
    if (focus === null) return;
    const done = setTimeout(() => {
      show(focus);
      useUi.getState().set({ focus: null });
    }, 0);
    return () => clearTimeout(done);
  }, [focus]);
}

const EDGE = 40;
/** Room below a card for the buttons at its ports. */
const BELOW = 40;

/** How far something has to be moved to lie inside. */
function into(at: number, length: number, room: number): number {
  if (at < EDGE) return EDGE - at;
  return Math.min(0, room - EDGE - (at + length));
}

/** Pans no more than needed: nothing moves when the step is visible already. */
function show(id: string): void {
  const surface = flow();
  const box = document.querySelector(".board")?.getBoundingClientRect();
  if (!surface || !box) return;
  const document_ = onCanvas();
  const step = document_.steps.find((one) => one.id === id);
  const size = step ? sizeOf(step) : ENTRY_SIZE;
  const at = positionOf(document_, id);
  const { x, y, zoom } = surface.getViewport();
  const scale = Math.max(zoom, SMALLEST);
  const width = size.width * scale;
  const height = (size.height + BELOW) * scale;
  if (scale !== zoom || width > box.width - 2 * EDGE) {
    void surface.setCenter(at.x + size.width / 2, at.y + size.height / 2, { zoom: scale });
  } else {
    const dx = into(at.x * zoom + x, width, box.width);
    const dy = into(at.y * zoom + y, height, box.height);
    if (dx || dy) void surface.setViewport({ x: x + dx, y: y + dy, zoom });
  }
  takeFocus(id, 8);
}

/** A card that was not visible is drawn only a moment later, so it tries some frames. */
function takeFocus(id: string, tries: number): void {
  requestAnimationFrame(() => {
    const active = document.activeElement;
    const elsewhere = active instanceof Element && active !== document.body && !active.closest(".board") && active.closest("input, textarea, [contenteditable], [role='dialog'], .side-panel, .search-bar");
    if (elsewhere) return;
    const card = document.querySelector<HTMLElement>(`[data-step="${CSS.escape(id)}"]`);
    if (card) card.focus({ preventScroll: true });
    else if (tries > 0) takeFocus(id, tries - 1);
  });
}
