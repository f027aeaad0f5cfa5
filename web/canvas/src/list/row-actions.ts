/** What the keys and the buttons of a row do. */

import { pickAt } from "@/board/picker-state";
import { useDraft } from "@/document/draft";
import { ENTRY } from "@/document/types";
import { announce } from "@/ui/toasts";
import { word } from "@/words";
import { exchanged } from "./move";
import type { Row } from "./outline";

export const rowOf = (id: string): HTMLElement | null => window.document.querySelector<HTMLElement>(`.outline tr[data-row="${CSS.escape(id)}"]`);

/** Focuses a row once it is drawn: two frames later, where it had to be scrolled to. */
export function focusRow(id: string): void {
  requestAnimationFrame(() => {
    const row = rowOf(id);
    if (row) row.focus();
    else requestAnimationFrame(() => rowOf(id)?.focus());
  });
}

export function moveRow(id: string, by: -1 | 1): void {
  const moved = exchanged(useDraft.getState().document, id, by);
  if (!moved) return announce(word("list.not_moved"));
  useDraft.getState().edit(() => moved);
  announce(word(by < 0 ? "list.moved_up" : "list.moved_down"));
  focusRow(id);
}

/** Adds a step after the row: at its first port, or at the branch that the row stands for. */
export function addAt(element: Element, row: Row): void {
  if (row.kind === "entry") pickAt(element, { after: { id: ENTRY, port: "next" } });
  else if (row.kind === "step" && row.ports[0]) pickAt(element, { after: { id: row.id, port: row.ports[0].name } });
  else if (row.kind === "open") pickAt(element, { after: { id: row.via.from, port: row.via.port } });
}
