import { beforeEach, describe, expect, it } from "vitest";
import { beginGesture, redo, undo, useDraft } from "./draft";

const named = (name: string) => useDraft.getState().edit((now) => ({ ...now, name: { en: name } }));
const name = () => useDraft.getState().document.name["en"];
const past = () => useDraft.temporal.getState().pastStates.length;

beforeEach(() => {
  useDraft.getState().replace({ key: "k", name: { en: "0" }, entry: {}, steps: [], edges: [] });
  useDraft.temporal.getState().clear();
});

describe("undo", () => {
  it("reverts one edit at a time, and redo applies it again", () => {
    named("1");
    named("2");
    undo();
    expect(name()).toBe("1");
    undo();
    expect(name()).toBe("0");
    redo();
    redo();
    expect(name()).toBe("2");
  });

  it("reverts a gesture as a whole", () => {
    const end = beginGesture();
    named("a");
    named("ab");
    named("abc");
    end();
    expect(past()).toBe(1);
    undo();
    expect(name()).toBe("0");
  });

  it("has no step for a gesture that changed nothing", () => {
    beginGesture()();
    expect(past()).toBe(0);
  });

  it("reverts the consequences of an edit together with it", () => {
    named("1");
    useDraft.getState().amend((now) => ({ ...now, name: { en: "1, tidied" } }));
    expect(past()).toBe(1);
    undo();
    expect(name()).toBe("0");
    redo();
    expect(name()).toBe("1, tidied");
  });
});
