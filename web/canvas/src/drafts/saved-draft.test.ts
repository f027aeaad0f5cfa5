import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/client";
import { SavedDraft } from "./saved-draft";

type Document = { text: string };
type Answer = { document: Document; revision: number; editedAt: string | null };

const listeners = new Map<string, (event: { preventDefault: () => void }) => void>();
const answer = (text: string, revision: number): Answer => ({ document: { text }, revision, editedAt: "2026-11-01T10:00:00Z" });

/** A server that keeps one document, and a draft of it that is kept saved. */
function openDraft(text = "0") {
  let server = answer(text, 1);
  const save = vi.fn(async (document: Document, revision: string) => {
    if (revision !== String(server.revision)) throw new ApiProblem(412, "changed", "", "", null, { current: server as never });
    server = { ...server, document, revision: server.revision + 1 };
    return { data: server, etag: String(server.revision) };
  });
  const draft = new SavedDraft<Document, Answer>({ text: "" }, {
    save,
    documentOf: (one) => one.document,
    revisionOf: (one) => String(one.revision),
    editedAt: (one) => one.editedAt,
  });
  draft.useSync.setState({ readOnly: false });
  draft.take(server);
  const end = draft.keepSaved();
  const write = (next: string, tag?: string): void => draft.history.useDocument.getState().edit(() => ({ text: next }), tag);
  const shown = (): string => draft.history.useDocument.getState().document.text;
  const saveState = (): string => draft.useSync.getState().save;
  return { draft, save, write, shown, saveState, end, onServer: () => server, saveElsewhere: (next: string) => (server = answer(next, server.revision + 1)) };
}

beforeEach(() => {
  vi.useFakeTimers();
  listeners.clear();
  vi.stubGlobal("addEventListener", (name: string, listener: never) => listeners.set(name, listener));
  vi.stubGlobal("removeEventListener", (name: string) => listeners.delete(name));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("saving", () => {
  it("happens once, a moment after the last of several edits", async () => {
    const { write, save, saveState, onServer } = openDraft();
    write("1");
    write("2");
    expect(saveState()).toBe("waiting");
    await vi.runAllTimersAsync();
    expect([saveState(), onServer().document.text, save.mock.calls.length]).toEqual(["saved", "2", 1]);
  });

  it("goes on from the revision that the last saving made", async () => {
    const { write, draft, onServer } = openDraft();
    write("1");
    await draft.saveNow();
    write("2");
    await draft.saveNow();
    expect([onServer().document.text, onServer().revision]).toEqual(["2", 3]);
  });

  it("saves what was edited while it was under way", async () => {
    const { write, draft, save, onServer } = openDraft();
    write("1");
    const first = draft.saveNow();
    write("2");
    expect(await first).toBe(false);
    await vi.runAllTimersAsync();
    expect([onServer().document.text, save.mock.calls.length]).toEqual(["2", 2]);
  });

  it("is not needed when undo leads back to what the server has", async () => {
    const { write, draft, save, saveState } = openDraft();
    write("1");
    draft.history.undo();
    expect(saveState()).toBe("saved");
    await vi.runAllTimersAsync();
    expect(save).not.toHaveBeenCalled();
  });

  it("is tried again after a failure, later each time, and tells why", async () => {
    const { write, draft, save, saveState } = openDraft();
    save.mockRejectedValueOnce(new ApiProblem(503, "away", "", "The database is away", null, {})).mockRejectedValueOnce(new Error("offline"));
    write("1");
    await vi.advanceTimersByTimeAsync(800);
    expect([saveState(), draft.useSync.getState().problem]).toEqual(["failed", "The database is away"]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect([saveState(), draft.useSync.getState().problem]).toEqual(["failed", ""]);
    await vi.advanceTimersByTimeAsync(3_999);
    expect(saveState()).toBe("failed");
    await vi.advanceTimersByTimeAsync(1);
    expect(saveState()).toBe("saved");
  });

  it("is no longer failed once undo leads back to what the server has", async () => {
    const { write, draft, save, saveState } = openDraft();
    save.mockRejectedValueOnce(new Error("offline"));
    write("1");
    await draft.saveNow();
    draft.history.undo();
    expect(await draft.saveNow()).toBe(true);
    expect(saveState()).toBe("saved");
  });

  it("does not happen for readers who may not change it", async () => {
    const { write, draft, save } = openDraft();
    draft.useSync.setState({ readOnly: true });
    write("1");
    expect(await draft.saveNow()).toBe(true);
    await vi.runAllTimersAsync();
    expect(save).not.toHaveBeenCalled();
  });

  it("takes a document that was only laid out for saved", async () => {
    const { draft, write, save, saveState } = openDraft();
    write("0, arranged");
    draft.countAsSaved();
    await vi.runAllTimersAsync();
    expect(saveState()).toBe("saved");
    expect(save).not.toHaveBeenCalled();
  });

  it("warns who leaves before it, and stops when it is told to", async () => {
    const { write, draft, end, save } = openDraft();
    const preventDefault = vi.fn();
    listeners.get("beforeunload")?.({ preventDefault });
    expect(preventDefault).not.toHaveBeenCalled();
    write("1");
    listeners.get("beforeunload")?.({ preventDefault });
    expect(preventDefault).toHaveBeenCalledOnce();
    await draft.saveNow();
    end();
    write("2");
    await vi.runAllTimersAsync();
    expect([save.mock.calls.length, listeners.size]).toEqual([1, 0]);
  });
});

describe("a conflict", () => {
  it("keeps both documents, and saves nothing until the reader decides", async () => {
    const { write, draft, saveState, saveElsewhere, shown, onServer } = openDraft();
    saveElsewhere("theirs");
    write("mine");
    expect(await draft.saveNow()).toBe(false);
    write("mine, further");
    await vi.runAllTimersAsync();
    expect([saveState(), shown(), draft.useSync.getState().theirs?.document.text, onServer().document.text]).toEqual(["conflict", "mine, further", "theirs", "theirs"]);
  });

  it("ends with mine over theirs", async () => {
    const { write, draft, saveState, saveElsewhere, onServer } = openDraft();
    saveElsewhere("theirs");
    write("mine");
    await draft.saveNow();
    await draft.keepMine();
    expect([saveState(), onServer().document.text, draft.useSync.getState().theirs]).toEqual(["saved", "mine", null]);
  });

  it("ends with theirs as one more edit, which undo takes back", async () => {
    const { write, draft, saveState, saveElsewhere, shown, onServer } = openDraft();
    saveElsewhere("theirs");
    write("mine");
    await draft.saveNow();
    draft.takeAsEdit(onServer());
    expect([saveState(), shown()]).toEqual(["saved", "theirs"]);
    draft.history.undo();
    expect([saveState(), shown()]).toEqual(["waiting", "mine"]);
    await vi.runAllTimersAsync();
    expect([saveState(), onServer().document.text]).toEqual(["saved", "mine"]);
  });

  it("ends with theirs alone where the past is forgotten", async () => {
    const { write, draft, saveElsewhere, shown, onServer } = openDraft();
    saveElsewhere("theirs");
    write("mine");
    await draft.saveNow();
    draft.take(onServer());
    draft.history.undo();
    expect([shown(), draft.useSync.getState().savedAt]).toEqual(["theirs", Date.parse("2026-11-01T10:00:00Z")]);
  });
});

describe("edits under one tag", () => {
  it("are one step of undo while they follow each other quickly", () => {
    const { write, draft, shown } = openDraft();
    write("a", "name");
    write("ab", "name");
    write("abc", "name");
    draft.history.undo();
    expect(shown()).toBe("0");
    draft.history.redo();
    expect(shown()).toBe("abc");
  });

  it("are steps of their own after a pause, under another tag, and after undo", () => {
    const { write, draft, shown } = openDraft();
    write("a", "name");
    vi.advanceTimersByTime(900);
    write("ab", "name");
    write("abc", "other");
    draft.history.undo();
    write("abd", "name");
    draft.history.undo();
    expect(shown()).toBe("ab");
    draft.history.undo();
    expect(shown()).toBe("a");
  });
});

describe("an answer about the rest of what the server keeps", () => {
  it("moves the revision on only while nothing here waits to be saved", () => {
    const { write, draft } = openDraft();
    draft.refresh(answer("0", 5));
    expect(draft.useSync.getState().revision).toBe("5");
    write("1");
    draft.refresh(answer("0", 6));
    expect([draft.useSync.getState().revision, draft.useSync.getState().current?.revision]).toEqual(["5", 6]);
  });
});
