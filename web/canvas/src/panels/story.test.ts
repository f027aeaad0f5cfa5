import { describe, expect, it } from "vitest";
import { runStory, type SendLine, walkedAt, wholeStory } from "./story";
import { type Line, wayOf } from "./way";

const text = { en: "", ko: "" };
const line = (at: string, what: Line["what"], step: string, port: string | null = null, occurrence = 1): Line => ({
  at: `2026-11-01T${at}:00Z`, what, step, occurrence, port, text,
});
const send = (at: string, step: string, occurrence = 1): SendLine => ({
  at: `2026-11-01T${at}:00Z`, step, occurrence, channel: "email", outcome: "sent", reason: null, text,
});
const shape = (story: ReturnType<typeof runStory>): string[] => story.map((one) => `${one.kind} ${one.step ?? one.name}`);

describe("a run told in one line of time", () => {
  it("puts a message between coming to its step and leaving it, though all is of one instant", () => {
    const lines = [line("10:00", "entered", "mail"), line("10:00", "left", "mail", "next"), line("10:00", "entered", "end")];
    const told = lines.map((one) => (one.what === "left" ? { ...one, text: { en: "went on", ko: "" } } : one));
    expect(shape(runStory(told, [send("10:00", "mail")]))).toEqual(["entered mail", "send mail", "left mail", "entered end"]);
  });

  it("says once what became of a message, not again on leaving the step", () => {
    const sent = { en: "Sent by push", ko: "" };
    const lines = [line("10:00", "entered", "mail"), { ...line("10:00", "left", "mail", "next"), text: sent }];
    const story = runStory(lines, [{ ...send("10:00", "mail"), text: sent }]);
    expect(shape(story)).toEqual(["entered mail", "send mail"]);
    expect(story.at(-1)?.walked).toBe(2);
  });

  it("tells a held message and its later sending each at its time", () => {
    const lines = [line("22:00", "entered", "mail"), line("23:00", "goal", "mail", "bought"), { ...line("23:30", "left", "mail", "next"), text: { en: "went on", ko: "" } }];
    const story = runStory(lines, [send("22:00", "mail"), send("23:30", "mail")]);
    expect(shape(story)).toEqual(["entered mail", "send mail", "goal mail", "send mail", "left mail"]);
  });

  it("tells a step's second visit's message at the second visit", () => {
    const lines = [line("10:00", "entered", "mail"), line("10:00", "left", "mail", "next"), line("10:00", "entered", "mail", null, 2)];
    expect(shape(runStory(lines, [send("10:00", "mail", 2)]))).toEqual(["entered mail", "left mail", "entered mail", "send mail"]);
  });

  it("puts what the person played before what it caused, and what the journey emitted after", () => {
    const run = { transitions: [line("10:00", "entered", "first")], sends: [] };
    const heard = [
      { at: "2026-11-01T10:00:00+00:00", event: "Emitted", text },
      { at: "2026-11-01T10:00:00+00:00", event: "Cart Updated", text },
    ];
    const story = wholeStory([run], heard, [{ at: "2026-11-01T10:00:00Z", name: "Cart Updated" }]);
    expect(shape(story)).toEqual(["event Cart Updated", "entered first", "event Emitted"]);
    expect(walkedAt(story, 0)).toBeNull();
    expect(walkedAt(story, 2)).toEqual({ run: 0, walked: 1 });
  });
});

describe("a lit path", () => {
  const edges = [{ from: "entry", to: "a" }, { from: "a", port: "yes", to: "b" }];

  it("numbers visits in order and shows where the customer stands", () => {
    const way = wayOf([line("10:00", "entered", "a"), line("11:00", "left", "a", "yes"), line("11:00", "entered", "b")], ["a", "b", "c"], edges);
    expect(way.marks).toEqual({
      entry: { tone: "passed" }, a: { tone: "passed", order: 1 }, b: { tone: "here", order: 2 }, c: { tone: "dim" },
    });
    expect(way.litWays).toEqual({ "entry/next": true, "a/yes": true });
  });

  it("lights nothing before anything happened", () => {
    expect(wayOf([], ["a"], edges)).toEqual({ marks: {}, litWays: {}, here: null });
  });
});
