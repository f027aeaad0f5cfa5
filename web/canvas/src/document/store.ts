/** The draft that is being drawn: one document, its past and future, and how it stands with the server. */

import { temporal } from "zundo";
import { create } from "zustand";
import type { JourneyDocument } from "./types";

/** saved: the server has it · waiting: will be saved in a moment · saving · conflict: somebody else saved meanwhile · failed: will be tried again */
export type SaveState = "saved" | "waiting" | "saving" | "conflict" | "failed";

export type DraftState = {
  document: JourneyDocument;
  /** Changes the document; one call is one step of undo. */
  edit: (change: (document: JourneyDocument) => JourneyDocument) => void;
  /** Shows another document altogether (loaded, restored); the past is forgotten by `useDraft.temporal.getState().clear()`. */
  replace: (document: JourneyDocument) => void;
};

const EMPTY: JourneyDocument = { key: "", name: {}, entry: { triggers: [] }, steps: [], edges: [] };

export const useDraft = create<DraftState>()(
  temporal(
    (set) => ({
      document: EMPTY,
      edit: (change) => set((state) => ({ document: change(state.document) })),
      replace: (document) => set({ document }),
    }),
    {
      limit: 200,
      partialize: (state) => ({ document: state.document }),
      equality: (before, after) => before.document === after.document,
    },
  ),
);

export const undo = (): void => useDraft.temporal.getState().undo();
export const redo = (): void => useDraft.temporal.getState().redo();

/** Changes many times what counts as one step of undo: a drag, typing in a field. Returns how to end it. */
export function beginGesture(): () => void {
  const past = useDraft.temporal.getState();
  const before = useDraft.getState().document;
  past.pause();
  return () => {
    past.resume();
    const after = useDraft.getState().document;
    if (before === after) return;
    // The state before the gesture goes into the past as if it had been one edit.
    useDraft.temporal.setState((state) => ({ pastStates: [...state.pastStates.slice(-199), { document: before }], futureStates: [] }));
  };
}

/** How the draft stands with the server; not part of undo. */
export type SyncState = { save: SaveState; revision: string; savedAt: number | null; readOnly: boolean };
export const useSync = create<SyncState>()(() => ({ save: "saved", revision: "", savedAt: null, readOnly: true }));
