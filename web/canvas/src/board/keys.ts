/** Keyboard shortcuts of the canvas. Fields, menus and dialogs keep their own keys. */

import { useEffect } from "react";
import { portsOf } from "@/document/described";
import { neighbour } from "@/document/walk";
import { ENTRY } from "@/document/types";
import { saveNow } from "@/document/draft";
import { useUi } from "@/ui/state";
import { nudge, redo, removeSelected, selectAll, undo } from "./actions";
import { fit } from "./arrange";
import { copySelected, cutSelected, duplicateSelected, pasteText } from "./clipboard";
import { flow, onCanvas } from "./flow";
import { openMenu } from "./menu-state";
import { pickAfter } from "./picker-state";
import { GRID } from "@/document/size";

const ARROWS = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" } as const;

export const isWriting = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest("input, textarea, select, [contenteditable], [role='dialog'], [role='menu'], [role='listbox']") !== null;

/** Whether keys are meant for the canvas: nothing else has taken the focus. */
const onBoard = (target: EventTarget | null): boolean =>
  target === document.body || (target instanceof Element && target.closest(".board") !== null);

export type ShellKeys = { commands: () => void; search: () => void; shortcuts: () => void };

export function useKeys(shell: ShellKeys): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.isComposing) return;
      const command = event.ctrlKey || event.metaKey;
      const handled = command ? everywhere(event, shell) || (!isWriting(event.target) && withCommand(event)) : !isWriting(event.target) && alone(event, shell);
      if (handled) event.preventDefault();
    };
    const clip = (event: ClipboardEvent): void => {
      if (isWriting(event.target) || !onBoard(event.target)) return;
      const selection = getSelection();
      if (event.type !== "paste" && selection && !selection.isCollapsed) return;
      const write = (text: string): void => event.clipboardData?.setData("text/plain", text);
      const done =
        event.type === "copy"
          ? copySelected(write)
          : event.type === "cut"
            ? cutSelected(write)
            : pasteText(event.clipboardData?.getData("text/plain") ?? "");
      if (done) event.preventDefault();
    };
    addEventListener("keydown", pressed);
    for (const kind of ["copy", "cut", "paste"] as const) addEventListener(kind, clip);
    return () => {
      removeEventListener("keydown", pressed);
      for (const kind of ["copy", "cut", "paste"] as const) removeEventListener(kind, clip);
    };
  }, [shell]);
}

/** Keys that mean the same everywhere, also in a field. */
function everywhere(event: KeyboardEvent, shell: ShellKeys): boolean {
  const key = event.key.toLowerCase();
  if (key === "k") shell.commands();
  else if (key === "f" && !event.shiftKey && useUi.getState().view === "canvas") shell.search();
  else if (key === "s") void saveNow();
  else return false;
  return true;
}

/** Focuses the first field of the panel, not the help beside its heading. */
function focusFirstField(): void {
  const panel = document.querySelector(".side-panel");
  const first = panel?.querySelector<HTMLElement>(".in-body :is(input, textarea, [contenteditable], select)") ?? panel?.querySelector<HTMLElement>("input, textarea, select, button:not(.side-close)");
  first?.focus();
}

function withCommand(event: KeyboardEvent): boolean {
  const key = event.key.toLowerCase();
  if (key === "z" && event.shiftKey) redo();
  else if (key === "z") undo();
  else if (key === "y") redo();
  else if (useUi.getState().view !== "canvas") return false;
  else if (key === "a") selectAll();
  else if (key === "d") duplicateSelected();
  else return false;
  return true;
}

function alone(event: KeyboardEvent, shell: ShellKeys): boolean {
  if (event.key === "?") {
    shell.shortcuts();
    return true;
  }
  if (useUi.getState().view !== "canvas" || !onBoard(event.target)) return false;
  const { selection, set, select } = useUi.getState();
  const current = selection.steps[0];
  const arrow = ARROWS[event.key as keyof typeof ARROWS];
  if (arrow && event.altKey) {
    const by = event.shiftKey ? 8 * GRID : GRID;
    nudge(arrow === "left" ? -by : arrow === "right" ? by : 0, arrow === "up" ? -by : arrow === "down" ? by : 0);
    return true;
  }
  if (arrow) {
    walk(current, arrow);
    return true;
  }
  if ((event.target as Element).closest?.("button, a") && (event.key === "Enter" || event.key === " ")) return false;
  switch (event.key) {
    case "Delete":
    case "Backspace":
      removeSelected();
      return true;
    case "Enter":
      if (current === undefined) {
        const at = (event.target as Element).closest?.("[data-step]")?.getAttribute("data-step");
        if (at) select([at]);
      }
      set({ panel: null });
      requestAnimationFrame(focusFirstField);
      return true;
    case "Escape":
      select([]);
      return true;
    case "a":
    case "A":
    case "+":
      pickAfter(current ?? ENTRY, placeOf(current ?? ENTRY));
      return true;
    case "F10":
    case "ContextMenu":
      if (event.key === "F10" && !event.shiftKey) return false;
      openMenu({ at: placeOf(current ?? ENTRY), on: current ? { step: current } : { canvas: true } });
      return true;
    case "1":
      fit();
      return true;
    case "0":
      void flow()?.zoomTo(1);
      return true;
    default:
      return false;
  }
}

function walk(from: string | undefined, direction: (typeof ARROWS)[keyof typeof ARROWS]): void {
  const next = from === undefined ? ENTRY : neighbour(onCanvas(), from, direction, portsOf);
  if (next === null) return;
  useUi.getState().select([next]);
  useUi.getState().set({ focus: next });
}

function placeOf(id: string): { x: number; y: number } {
  const box = document.querySelector(`[data-step="${CSS.escape(id)}"]`)?.getBoundingClientRect();
  return box ? { x: box.left + box.width / 2, y: box.bottom } : { x: innerWidth / 2, y: innerHeight / 2 };
}
