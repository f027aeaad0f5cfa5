/** Runs as one timeline: what they did, what became of their messages, what the customer did. */

import type { Answer } from "@/api/types";
import type { Text } from "@/document/types";
import { say } from "@/words";
import type { Transition, TransitionKind } from "./lit-path";

type TestRun = Answer<"/api/journeys/test-run", "post">;
type TestMessage = TestRun["runs"][number]["sends"][number];
/** A message of a run. A real run's path tells less of it than a test run. */
export type Message = Pick<TestMessage, "at" | "step" | "occurrence" | "outcome" | "reason" | "text"> & { channel: string | null } & Partial<Pick<TestMessage, "content" | "inputs">>;
/** An event that the customer or a journey caused in a test run. */
export type CausedEvent = TestRun["events"][number];

export type TimelineEntry = {
  at: string;
  kind: TransitionKind | "send" | "event";
  step: string | null;
  /** The event, the goal or the port, where no step says what the entry is about. */
  name: string;
  text: Text;
  /** Index of the run; -1 for events. */
  run: number;
  /** How many of the run's transitions have happened up to here: what of its path is lit. */
  walked: number;
  send: Message | null;
};

const instant = (at: string): number => Date.parse(at);

/** One run. A message stands where it was decided: between entering its step and leaving it. */
export function runTimeline(transitions: readonly Transition[], sends: readonly Message[], run = 0): TimelineEntry[] {
  const entries: TimelineEntry[] = transitions.map((entry, index) => ({
    at: entry.at,
    kind: entry.what,
    step: entry.step || null,
    name: entry.port ?? "",
    text: entry.text,
    run,
    walked: index + 1,
    send: null,
  }));
  for (const send of sends) {
    const place = placeOf(entries, transitions, send);
    const walked = entries[place - 1]?.walked ?? 0;
    entries.splice(place, 0, { at: send.at, kind: "send", step: send.step, name: send.channel ?? "", text: send.text, run, walked, send });
  }
  return withoutRepetition(entries);
}

/** Merges leaving a step into the entry of its message, where both say the same. */
function withoutRepetition(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const merged: TimelineEntry[] = [];
  for (const entry of entries) {
    const last = merged.at(-1);
    const repeats = entry.kind === "left" && last?.kind === "send" && last.step === entry.step && say(last.text) === say(entry.text);
    if (repeats) merged[merged.length - 1] = { ...last, walked: entry.walked };
    else merged.push(entry);
  }
  return merged;
}

function placeOf(entries: readonly TimelineEntry[], transitions: readonly Transition[], send: Message): number {
  const at = instant(send.at);
  let entered = -1;
  entries.forEach((entry, index) => {
    const own = entry.kind === "entered" && entry.step === send.step && instant(entry.at) <= at;
    const visit = entry.walked > 0 ? transitions[entry.walked - 1] : undefined;
    if (own && (send.occurrence === undefined || visit?.occurrence === send.occurrence)) entered = index;
  });
  let place = entered + 1;
  while (place < entries.length) {
    const next = entries[place];
    if (!next || instant(next.at) > at || (next.kind !== "send" && instant(next.at) === at && entered >= 0)) break;
    place += 1;
  }
  return place;
}

/** Several runs, and events. Of one instant, events that the person played come first, those that a journey emitted last. */
export function mergedTimeline(
  runs: readonly { transitions: readonly Transition[]; sends: readonly Message[] }[],
  events: readonly CausedEvent[],
  played: readonly { at: string; name: string }[],
): TimelineEntry[] {
  const own = new Set(played.map((event) => `${instant(event.at)} ${event.name}`));
  const ranked: { rank: number; entry: TimelineEntry }[] = [];
  for (const one of events) {
    const rank = own.has(`${instant(one.at)} ${one.event}`) ? 0 : 2;
    ranked.push({ rank, entry: { at: one.at, kind: "event", step: null, name: one.event, text: one.text, run: -1, walked: 0, send: null } });
  }
  runs.forEach((run, index) => {
    for (const entry of runTimeline(run.transitions, run.sends, index)) ranked.push({ rank: 1, entry });
  });
  ranked.sort((a, b) => instant(a.entry.at) - instant(b.entry.at) || a.rank - b.rank);
  return ranked.map(({ entry }) => entry);
}

/** The run that an entry belongs to, and how many of its transitions have happened by then. */
export function walkedAt(entries: readonly TimelineEntry[], index: number): { run: number; walked: number } | null {
  for (let at = Math.min(index, entries.length - 1); at >= 0; at -= 1) {
    const entry = entries[at];
    if (entry && entry.run >= 0 && entry.walked > 0) return { run: entry.run, walked: entry.walked };
  }
  return null;
}
