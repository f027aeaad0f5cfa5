/** A document with its past and future. One call of `edit` is one step of undo; a gesture makes one step of many calls. */

import { temporal } from "zundo";
import { create } from "zustand";

const LIMIT = 200;
/** Milliseconds within which edits with the same tag count as one. */
const SAME_EDIT = 900;

type Change<D> = (document: D) => D;
/** Restores what must always hold after an edit (steps lie in the lane of their stage). */
type Tidy<D> = (before: D, after: D) => D;

export type DocumentState<D> = {
  document: D;
  /** One step of undo. Edits that follow each other quickly under the same tag count as one, as typing does. */
  edit: (change: Change<D>, tag?: string) => void;
  /** A consequence of the last edit, which is undone together with it. */
  amend: (change: Change<D>) => void;
  /** Shows another document (loaded, restored). The past stays until `forget`. */
  replace: (document: D) => void;
};

type Actions<D> = Omit<DocumentState<D>, "document">;

const createStore = <D extends object>(document: D, actions: Actions<D>) =>
  create<DocumentState<D>>()(
    temporal(() => ({ document, ...actions }), {
      limit: LIMIT,
      partialize: (state) => ({ document: state.document }),
      equality: (before, after) => before.document === after.document,
    }),
  );

export class DocumentHistory<D extends object> {
  readonly useDocument: ReturnType<typeof createStore<D>>;
  private tidy: Tidy<D> = (_, after) => after;
  private lastEdit = { tag: "", at: 0 };
  /** The gesture under way, and the document from before it. */
  private gesture: { before: D } | null = null;

  constructor(empty: D) {
    this.useDocument = createStore<D>(empty, {
      edit: (change, tag = "") => this.apply(change, (before, after) => !this.continuesEdit(tag, before !== after)),
      amend: (change) => this.apply(change, () => false),
      replace: (document) => this.useDocument.setState({ document }),
    });
  }

  private get past() {
    return this.useDocument.temporal.getState();
  }

  private apply(change: Change<D>, tracked: (before: D, after: D) => boolean): void {
    const before = this.useDocument.getState().document;
    const after = change(before);
    if (after === before) return;
    const set = (): void => this.useDocument.setState({ document: this.tidy(before, after) });
    if (tracked(before, after) || !this.past.isTracking) return set();
    this.past.pause();
    set();
    this.past.resume();
  }

  private continuesEdit(tag: string, changed: boolean): boolean {
    const { tag: last, at } = this.lastEdit;
    if (changed) this.lastEdit = { tag, at: Date.now() };
    return tag !== "" && tag === last && Date.now() - at < SAME_EDIT && this.past.pastStates.length > 0;
  }

  keepTidy = (rule: Tidy<D>): void => {
    this.tidy = rule;
  };

  forget = (): void => this.past.clear();

  /** Makes all edits until the returned function is called one step of undo: a drag, typing in a field. */
  beginGesture = (): (() => void) => {
    if (this.gesture) this.close(this.gesture);
    const own = { before: this.useDocument.getState().document };
    this.gesture = own;
    this.past.pause();
    return () => {
      if (this.gesture !== own) return;
      this.gesture = null;
      this.past.resume();
      this.close(own);
    };
  };

  /** Puts the document from before the gesture into the past, unless the gesture changed nothing. */
  private close(own: { before: D }): void {
    const after = this.useDocument.getState().document;
    if (own.before === after || JSON.stringify(own.before) === JSON.stringify(after)) return;
    this.useDocument.temporal.setState((state) => ({
      pastStates: [...state.pastStates.slice(1 - LIMIT), { document: own.before }],
      futureStates: [],
    }));
  }

  /** Changes of a gesture under way become a step of their own; the gesture goes on from the document that undo leads to. */
  private travel(move: () => void): void {
    this.lastEdit = { tag: "", at: 0 };
    if (this.gesture) this.close(this.gesture);
    move();
    if (this.gesture) this.gesture.before = this.useDocument.getState().document;
  }

  undo = (): void => this.travel(() => this.past.undo());
  redo = (): void => this.travel(() => this.past.redo());
}
