/** What one looks at: selection, panel, mode. Not part of the draft, not part of undo. */

import { create } from "zustand";
import type { JourneyDocument } from "@/document/types";

export type Selection = { steps: string[]; edge: { from: string; port: string } | null; notes: string[] };
/** draw: the draft · live: the version customers enter, with counts · test: a test run · compare: a difference · path: one customer's way */
export type Mode = "draw" | "live" | "test" | "compare" | "path";
/** What the panel on the right shows; null: the selected step, or the journey's own settings. */
export type Panel = "problems" | "versions" | "test" | "customers" | "yaml" | "publish" | null;
export type View = "canvas" | "list";

/** How a step is lit by whatever mode shows something on it. Numbers are visits in a path (order). */
export type Mark = { tone: "added" | "removed" | "changed" | "passed" | "here" | "dim"; order?: number };

export type UiState = {
  selection: Selection;
  mode: Mode;
  panel: Panel;
  view: View;
  /** Marks by step id, and lit ways by `from/port`. */
  marks: Record<string, Mark>;
  litEdges: Record<string, true>;
  /** A step to bring into sight; the canvas clears it when done. */
  focus: string | null;
  /** What stands on the canvas in the draft's place (a published version, a difference); it is not edited. */
  shown: JourneyDocument | null;
  select: (steps: string[]) => void;
  set: (change: Partial<Omit<UiState, "select" | "set">>) => void;
};

export const NOTHING: Selection = { steps: [], edge: null, notes: [] };

export const useUi = create<UiState>()((set) => ({
  selection: NOTHING,
  mode: "draw",
  panel: null,
  view: "canvas",
  marks: {},
  litEdges: {},
  focus: null,
  shown: null,
  select: (steps) => set({ selection: { ...NOTHING, steps } }),
  set: (change) => set(change),
}));
