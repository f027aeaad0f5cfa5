/** Runs told in one line of time: what they did, what became of their messages, what the customer did. */

import type { Text } from "@/document/types";
import type { Line, What } from "./way";

export type SendLine = {
  at: string;
  step: string;
  occurrence?: number;
  channel: string;
  outcome: string;
  reason: string | null;
  until?: string | null;
  text: Text;
  content?: { locale: string; subject: string; preheader?: string; body: string; html: string | null; missing?: string[] } | null;
};
export type Heard = { at: string; event: string; text: Text };

export type StoryLine = {
  at: string;
  kind: What | "send" | "event";
  step: string | null;
  /** What it is about, where no step says so. */
  name: string;
  text: Text;
  run: number;
  /** Lines of the run's trace up to here: what of its path is lit. */
  walked: number;
  send: SendLine | null;
};

const instant = (at: string): number => Date.parse(at);

/** One run: each message stands where it was decided, between coming to its step and leaving it. */
export function runStory(lines: readonly Line[], sends: readonly SendLine[], run = 0): StoryLine[] {
  const story: StoryLine[] = lines.map((line, index) => ({
    at: line.at,
    kind: line.what,
    step: line.step || null,
    name: line.port ?? "",
    text: line.text,
    run,
    walked: index + 1,
    send: null,
  }));
  for (const send of sends) {
    const place = placeOf(story, lines, send);
    const walked = story[place - 1]?.walked ?? 0;
    story.splice(place, 0, { at: send.at, kind: "send", step: send.step, name: send.channel, text: send.text, run, walked, send });
  }
  return withoutEchoes(story);
}

/** Leaving a step with nothing to say but what became of its message is one line with it. */
function withoutEchoes(story: readonly StoryLine[]): StoryLine[] {
  const told: StoryLine[] = [];
  for (const line of story) {
    const last = told.at(-1);
    const echo = line.kind === "left" && last?.kind === "send" && last.step === line.step && last.text.en === line.text.en;
    if (echo) told[told.length - 1] = { ...last, walked: line.walked };
    else told.push(line);
  }
  return told;
}

function placeOf(story: readonly StoryLine[], lines: readonly Line[], send: SendLine): number {
  const at = instant(send.at);
  let entered = -1;
  story.forEach((line, index) => {
    const own = line.kind === "entered" && line.step === send.step && instant(line.at) <= at;
    const visit = line.walked > 0 ? lines[line.walked - 1] : undefined;
    if (own && (send.occurrence === undefined || visit?.occurrence === send.occurrence)) entered = index;
  });
  let place = entered + 1;
  while (place < story.length) {
    const next = story[place];
    if (!next || instant(next.at) > at || (next.kind !== "send" && instant(next.at) === at && entered >= 0)) break;
    place += 1;
  }
  return place;
}

/** Several runs and what the customer did. What the person played comes before what it caused, what the journey emitted after. */
export function wholeStory(
  runs: readonly { transitions: readonly Line[]; sends: readonly SendLine[] }[],
  heard: readonly Heard[],
  played: readonly { at: string; name: string }[],
): StoryLine[] {
  const own = new Set(played.map((event) => `${instant(event.at)} ${event.name}`));
  const ranked: { rank: number; line: StoryLine }[] = [];
  for (const one of heard) {
    const rank = own.has(`${instant(one.at)} ${one.event}`) ? 0 : 2;
    ranked.push({ rank, line: { at: one.at, kind: "event", step: null, name: one.event, text: one.text, run: -1, walked: 0, send: null } });
  }
  runs.forEach((run, index) => {
    for (const line of runStory(run.transitions, run.sends, index)) ranked.push({ rank: 1, line });
  });
  ranked.sort((a, b) => instant(a.line.at) - instant(b.line.at) || a.rank - b.rank);
  return ranked.map(({ line }) => line);
}

/** Where each run stands at a line of the story: how much of its path is walked. */
export function walkedAt(story: readonly StoryLine[], index: number): { run: number; walked: number } | null {
  for (let at = Math.min(index, story.length - 1); at >= 0; at -= 1) {
    const line = story[at];
    if (line && line.run >= 0 && line.walked > 0) return { run: line.run, walked: line.walked };
  }
  return null;
}
