/** State of the view: selection, panel, mode. Not part of the draft, and not of undo. */

import { create } from "zustand";
import type { JourneyDocument } from "@/document/types";
import { isPhone } from "./phone";

export type Selection = { steps: string[]; edge: { from: string; port: string } | null; notes: string[] };
/** draw: the draft · live: the version that customers enter, with counts · test: a test run · compare: a difference · path: one customer's path */
export type Mode = "draw" | "live" | "test" | "compare" | "path";
/** What the panel on the right shows; null: the selected step, or the journey's own settings. */
export type Panel = "problems" | "versions" | "test" | "customers" | "results" | "comments" | "yaml" | "publish" | null;
export type View = "canvas" | "list";

/** How a mode marks a step. `order`: which visit of the path it is. */
export type Mark = { tone: "added" | "removed" | "changed" | "passed" | "here" | "dim"; order?: number };

export type UiState = {
  selection: Selection;
  mode: Mode;
  panel: Panel;
  view: View;
  /** Marks by step id, and lit edges by `step/port`. */
  marks: Record<string, Mark>;
  litEdges: Record<string, true>;
  /** A step to scroll to and focus; the canvas clears it when done. */
  focus: string | null;
  /** What the canvas shows instead of the draft (a published version, a difference); it is read-only. */
  shown: JourneyDocument | null;
  select: (steps: string[]) => void;
  set: (change: Partial<Omit<UiState, "select" | "set">>) => void;
};

export const NOTHING: Selection = { steps: [], edge: null, notes: [] };

export const useUi = create<UiState>()((set) => ({
  selection: NOTHING,
  mode: "draw",
  panel: null,
  view: isPhone() ? "list" : "canvas",
  marks: {},
  litEdges: {},
  focus: null,
  shown: null,
  select: (steps) => set({ selection: { ...NOTHING, steps } }),
  // What one mode has marked says nothing in another, whoever changes it.
  set: (change) => set((now) => (change.mode !== undefined && change.mode !== now.mode ? { marks: {}, litEdges: {}, ...change } : change)),
}));
