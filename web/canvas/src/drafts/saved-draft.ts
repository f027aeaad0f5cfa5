/**
 * A document that is edited here and kept on the server: undo and redo, saved a moment after each change, and never over
 * somebody else's work. Journeys and message templates are both drafts of this kind.
 */

import { create } from "zustand";
import { ApiProblem } from "@/api/client";
import { DocumentHistory } from "./history";

/** Milliseconds between a change and its saving. */
const PAUSE = 800;
const LONGEST_RETRY = 30_000;

/** saved: the server has it · waiting: will be saved in a moment · saving · conflict: somebody else saved meanwhile · failed: will be tried again */
export type SaveState = "saved" | "waiting" | "saving" | "conflict" | "failed";

/** How the draft compares with the server's copy; not part of undo. `S`: the server's answer. */
export type SyncState<S> = {
  save: SaveState;
  /** Sent as If-Match with the next save. */
  revision: string;
  /** Milliseconds since the epoch. */
  savedAt: number | null;
  readOnly: boolean;
  /** What somebody else saved meanwhile, where `save` is "conflict". */
  theirs: S | null;
  /** Why it could not be saved, in the server's words; empty when the server did not answer. */
  problem: string;
  /** The server's last answer. */
  current: S | null;
};

export type Backend<D, S> = {
  /** Throws an `ApiProblem` of status 412 with `current` in its body when the revision is not the server's any more. */
  save: (document: D, revision: string) => Promise<{ data: S; etag: string }>;
  documentOf: (answer: S) => D;
  /** The revision of an answer that came without an ETag header. */
  revisionOf: (answer: S) => string;
  editedAt: (answer: S) => string | null;
};

const createSync = <S>() =>
  create<SyncState<S>>()(() => ({ save: "saved", revision: "", savedAt: null, readOnly: true, theirs: null, problem: "", current: null }));

export class SavedDraft<D extends object, S extends object> {
  readonly history: DocumentHistory<D>;
  readonly useSync = createSync<S>();
  /** The document that the server has; anything else waits to be saved. */
  private saved: D | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private failures = 0;

  constructor(
    empty: D,
    private readonly backend: Backend<D, S>,
  ) {
    this.history = new DocumentHistory(empty);
  }

  private get document(): D {
    return this.history.useDocument.getState().document;
  }

  /** Takes note of an answer to an action of the reader's own: what is edited here goes on from its revision. */
  remember = (answer: S, etag = ""): void => {
    this.useSync.setState({ current: answer, revision: etag || this.backend.revisionOf(answer) });
  };

  /** Shows what the server answered (loaded, restored); the past is forgotten. */
  take = (answer: S, etag = ""): void => {
    clearTimeout(this.timer);
    const editedAt = this.backend.editedAt(answer);
    this.saved = this.backend.documentOf(answer);
    this.history.useDocument.getState().replace(this.saved);
    this.history.forget();
    this.remember(answer, etag);
    this.useSync.setState({ save: "saved", theirs: null, savedAt: editedAt ? Date.parse(editedAt) : null });
  };

  /** Shows what the server answered as one more edit: undo brings one's own document back. */
  takeAsEdit = (answer: S, etag = ""): void => {
    const document = this.backend.documentOf(answer);
    this.saved = document;
    this.remember(answer, etag);
    this.useSync.setState({ save: "saved", theirs: null });
    this.history.useDocument.getState().edit(() => document);
    this.saved = this.document;
  };

  /** Saves over what somebody else saved meanwhile, at the reader's word. */
  keepMine = async (): Promise<void> => {
    const { theirs } = this.useSync.getState();
    if (theirs) this.remember(theirs);
    this.useSync.setState({ theirs: null, save: "waiting" });
    await this.saveNow();
  };

  /** Treats the document as saved: it was only laid out, and opening a journey must not change it. */
  countAsSaved = (): void => {
    this.saved = this.document;
    clearTimeout(this.timer);
    if (this.useSync.getState().save === "waiting") this.useSync.setState({ save: "saved" });
  };

  /** What changed on the server beside the document (published, paused). */
  refresh = (answer: S, etag = ""): void => {
    if (this.useSync.getState().save === "saved" && this.saved === this.document) this.remember(answer, etag);
    else this.useSync.setState({ current: answer });
  };

  /** Saves after each change from now on, and warns who leaves before that. Returns how to end it. */
  keepSaved = (): (() => void) => {
    const end = this.history.useDocument.subscribe(({ document }) => this.changed(document));
    const leaving = (event: BeforeUnloadEvent): void => {
      const { save, readOnly } = this.useSync.getState();
      if (save !== "saved" && !readOnly) event.preventDefault();
    };
    const online = (): void => {
      if (this.useSync.getState().save === "failed") void this.saveNow();
    };
    addEventListener("beforeunload", leaving);
    addEventListener("online", online);
    return () => {
      end();
      removeEventListener("beforeunload", leaving);
      removeEventListener("online", online);
    };
  };

  private changed(document: D): void {
    const { save, readOnly } = this.useSync.getState();
    if (readOnly || save === "conflict") return;
    if (document !== this.saved) return this.saveLater();
    if (save !== "waiting") return;
    clearTimeout(this.timer);
    this.useSync.setState({ save: "saved" });
  }

  private saveLater(): void {
    clearTimeout(this.timer);
    if (this.useSync.getState().save !== "failed") this.useSync.setState({ save: "waiting" });
    this.timer = setTimeout(() => void this.saveNow(), PAUSE);
  }

  /** Saves at once, for whoever publishes, sends or exports. False: the server does not have what is shown here. */
  saveNow = async (): Promise<boolean> => {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    const { readOnly, save } = this.useSync.getState();
    if (readOnly || save === "conflict") return readOnly;
    if (this.document === this.saved) {
      if (save === "failed") this.useSync.setState({ save: "saved" }); // undo led back to what the server has
      return true;
    }
    this.running = this.put(this.document);
    try {
      await this.running;
    } finally {
      this.running = null;
    }
    const after = this.useSync.getState().save;
    if (after === "waiting") this.saveLater();
    return after === "saved";
  };

  private async put(document: D): Promise<void> {
    this.useSync.setState({ save: "saving" });
    try {
      const { data, etag } = await this.backend.save(document, this.useSync.getState().revision);
      this.saved = document;
      this.failures = 0;
      this.remember(data, etag);
      this.useSync.setState({ save: this.document === document ? "saved" : "waiting", savedAt: Date.now() });
    } catch (problem) {
      this.refused(problem);
    }
  }

  private refused(problem: unknown): void {
    if (problem instanceof ApiProblem && problem.status === 412) {
      this.useSync.setState({ save: "conflict", theirs: (problem.body["current"] ?? null) as S | null });
      return;
    }
    this.failures += 1;
    this.useSync.setState({ save: "failed", problem: problem instanceof ApiProblem ? problem.message : "" });
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.saveNow(), Math.min(LONGEST_RETRY, 1000 * 2 ** this.failures));
  }
}
