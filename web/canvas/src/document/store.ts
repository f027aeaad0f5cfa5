/** The draft that is being drawn: one document, its past and future, and how it stands with the server. */

import { temporal } from "zundo";
import { create } from "zustand";
import type { Draft, JourneyDocument } from "./types";

/** saved: the server has it · waiting: will be saved in a moment · saving · conflict: somebody else saved meanwhile · failed: will be tried again */
export type SaveState = "saved" | "waiting" | "saving" | "conflict" | "failed";

export type DraftState = {
  document: JourneyDocument;
  /** Changes the document; one call is one step of undo. */
  edit: (change: (document: JourneyDocument) => JourneyDocument) => void;
  /** Changes the document as a part of the last edit: what follows from it, and is undone with it. */
  amend: (change: (document: JourneyDocument) => JourneyDocument) => void;
  /** Shows another document altogether (loaded, restored); the past is forgotten by `useDraft.temporal.getState().clear()`. */
  replace: (document: JourneyDocument) => void;
};

/** Keeps what must always hold (steps lie in the lanes of their stages), after each edit. */
type Tidy = (before: JourneyDocument, after: JourneyDocument) => JourneyDocument;
let tidy: Tidy = (_, after) => after;
export const keepTidy = (rule: Tidy): void => {
  tidy = rule;
};

const EMPTY: JourneyDocument = { key: "", name: {}, entry: { triggers: [] }, steps: [], edges: [] };

export const useDraft = create<DraftState>()(
  temporal(
    (set, get) => ({
      document: EMPTY,
      edit: (change) => {
        const before = get().document;
        const after = change(before);
        if (after !== before) set({ document: tidy(before, after) });
      },
      amend: (change) => {
        const past = useDraft.temporal.getState();
        const tracking = past.isTracking;
        if (tracking) past.pause();
        const before = get().document;
        const after = change(before);
        if (after !== before) set({ document: tidy(before, after) });
        if (tracking) past.resume();
      },
      replace: (document) => set({ document }),
    }),
    {
      limit: 200,
      partialize: (state) => ({ document: state.document }),
      equality: (before, after) => before.document === after.document,
    },
  ),
);

/** The gesture under way, if any, and what the draft was when it began. */
let gesture: { before: JourneyDocument } | null = null;

/** Changes many times what counts as one step of undo: a drag, typing in a field. Returns how to end it. */
export function beginGesture(): () => void {
  if (gesture) close(gesture);
  const own = { before: useDraft.getState().document };
  gesture = own;
  useDraft.temporal.getState().pause();
  return () => {
    if (gesture !== own) return;
    gesture = null;
    useDraft.temporal.getState().resume();
    close(own);
  };
}

/** The state before the gesture goes into the past, as if all of it had been one edit; nothing does where nothing changed. */
function close(own: { before: JourneyDocument }): void {
  const after = useDraft.getState().document;
  if (own.before === after || JSON.stringify(own.before) === JSON.stringify(after)) return;
  useDraft.temporal.setState((state) => ({ pastStates: [...state.pastStates.slice(-199), { document: own.before }], futureStates: [] }));
}

/** What a gesture under way has changed so far is a step of its own; the gesture goes on from where one gets to. */
function inTime(move: () => void): void {
  if (gesture) close(gesture);
  move();
  if (gesture) gesture.before = useDraft.getState().document;
}

export const undo = (): void => inTime(() => useDraft.temporal.getState().undo());
export const redo = (): void => inTime(() => useDraft.temporal.getState().redo());

/** How the draft stands with the server; not part of undo. `theirs`: what somebody else saved meanwhile (save is "conflict"). */
export type SyncState = {
  save: SaveState;
  revision: string;
  savedAt: number | null;
  readOnly: boolean;
  theirs: Draft | null;
  /** What the server said when it could not be saved; empty: it did not answer. */
  problem: string;
  /** The journey as the server told it last, without its document. */
  journey: Omit<Draft, "draft"> | null;
};
export const useSync = create<SyncState>()(() => ({
  save: "saved",
  revision: "",
  savedAt: null,
  readOnly: true,
  theirs: null,
  problem: "",
  journey: null,
}));
