import { describe, expect, it } from "vitest";
import { runTimeline, type Message, walkedAt, mergedTimeline } from "./entries";
import { litPath, type Transition } from "./lit-path";

const text = { en: "", ko: "" };
const line = (at: string, what: Transition["what"], step: string, port = "", occurrence = 1): Transition => ({
  at: `2026-11-01T${at}:00Z`, what, step, occurrence, port, text,
});
const send = (at: string, step: string, occurrence = 1): Message => ({
  at: `2026-11-01T${at}:00Z`, step, occurrence, channel: "email", outcome: "sent", reason: "", text,
});
const shape = (timeline: ReturnType<typeof runTimeline>): string[] => timeline.map((one) => `${one.kind} ${one.step ?? one.name}`);

describe("a run as a timeline", () => {
  it("puts a message between entering its step and leaving it, though all have the same instant", () => {
    const lines = [line("10:00", "entered", "mail"), line("10:00", "left", "mail", "next"), line("10:00", "entered", "end")];
    const transitions = lines.map((one) => (one.what === "left" ? { ...one, text: { en: "went on", ko: "" } } : one));
    expect(shape(runTimeline(transitions, [send("10:00", "mail")]))).toEqual(["entered mail", "send mail", "left mail", "entered end"]);
  });

  it("shows the outcome of a message once, not again on leaving the step", () => {
    const sent = { en: "Sent by push", ko: "" };
    const lines = [line("10:00", "entered", "mail"), { ...line("10:00", "left", "mail", "next"), text: sent }];
    const timeline = runTimeline(lines, [{ ...send("10:00", "mail"), text: sent }]);
    expect(shape(timeline)).toEqual(["entered mail", "send mail"]);
    expect(timeline.at(-1)?.walked).toBe(2);
  });

  it("shows a held message and its later sending, each at its time", () => {
    const lines = [line("22:00", "entered", "mail"), line("23:00", "goal", "mail", "bought"), { ...line("23:30", "left", "mail", "next"), text: { en: "went on", ko: "" } }];
    const timeline = runTimeline(lines, [send("22:00", "mail"), send("23:30", "mail")]);
    expect(shape(timeline)).toEqual(["entered mail", "send mail", "goal mail", "send mail", "left mail"]);
  });

  it("shows a message of a step's second visit at the second visit", () => {
    const lines = [line("10:00", "entered", "mail"), line("10:00", "left", "mail", "next"), line("10:00", "entered", "mail", "", 2)];
    expect(shape(runTimeline(lines, [send("10:00", "mail", 2)]))).toEqual(["entered mail", "left mail", "entered mail", "send mail"]);
  });

  it("puts events that the person played before what they caused, and events that a journey emitted after", () => {
    const run = { transitions: [line("10:00", "entered", "first")], sends: [] };
    const events = [
      { at: "2026-11-01T10:00:00+00:00", event: "Emitted", text },
      { at: "2026-11-01T10:00:00+00:00", event: "Cart Updated", text },
    ];
    const timeline = mergedTimeline([run], events, [{ at: "2026-11-01T10:00:00Z", name: "Cart Updated" }]);
    expect(shape(timeline)).toEqual(["event Cart Updated", "entered first", "event Emitted"]);
    expect(walkedAt(timeline, 0)).toBeNull();
    expect(walkedAt(timeline, 2)).toEqual({ run: 0, walked: 1 });
  });
});

describe("a lit path", () => {
  const edges = [{ from: "entry", to: "a" }, { from: "a", port: "yes", to: "b" }];

  it("numbers visits in order and marks where the customer is", () => {
    const path = litPath([line("10:00", "entered", "a"), line("11:00", "left", "a", "yes"), line("11:00", "entered", "b")], ["a", "b", "c"], edges);
    expect(path.marks).toEqual({
      entry: { tone: "passed" }, a: { tone: "passed", order: 1 }, b: { tone: "here", order: 2 }, c: { tone: "dim" },
    });
    expect(path.litEdges).toEqual({ "entry/next": true, "a/yes": true });
  });

  it("lights nothing before anything happened", () => {
    expect(litPath([], ["a"], edges)).toEqual({ marks: {}, litEdges: {}, here: null });
  });
});
