/** The test run that is being played: its script, what the server said of it, and the line one looks at. */

import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";
import { useNames } from "@/document/names";
import { useDraft } from "@/document/store";
import type { JourneyDocument, JsonObject, Problem, Text } from "@/document/types";
import { page } from "@/panels/page";
import { type Heard, type SendLine, type StoryLine, walkedAt, wholeStory } from "@/panels/story";
import { type Line, wayOf } from "@/panels/way";
import { useUi } from "@/ui/state";
import { language } from "@/words";
import { again, example, question, remember, remembered, type Script, startedAt } from "./script";

export type Wakes = { event: string; port: string | null; properties: JsonObject };
export type Run = {
  key: string;
  transitions: Line[];
  sends: SendLine[];
  now: { step: string; waiting_until: string | null; listening: string[]; wakes: Wakes[]; text: Text } | null;
  ended: { at: string; reason: string; text: Text } | null;
};
export type Answer = {
  start: string;
  until: string;
  heard: Heard[];
  runs: Run[];
  next_at: string | null;
  entry_events: { name: string; properties: JsonObject }[];
  customer: { attributes: JsonObject; consents: Record<string, boolean>; tags: string[]; stage: string | null };
  stopped: { at: string; text: Text } | null;
};
export type TestState = {
  script: Script | null;
  answer: Answer | null;
  story: StoryLine[];
  /** Instants of the longest story so far, for the scrubber. */
  instants: string[];
  /** The line one looks at; null: the last. */
  at: number | null;
  busy: boolean;
  playing: boolean;
  problem: unknown;
  /** What keeps the journey from being tried, as the server lists it. */
  errors: Problem[];
};

export const useTest = create<TestState>()(() => ({
  script: null,
  answer: null,
  story: [],
  instants: [],
  at: null,
  busy: false,
  playing: false,
  problem: null,
  errors: [],
}));

const PAUSE = 150;
let timer: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | undefined;
let described: JourneyDocument | null = null;

/** Changes the script and plays it again. */
export function rewrite(change: (script: Script) => Script): void {
  const { script } = useTest.getState();
  if (!script) return;
  const changed = change(script);
  useTest.setState({ script: changed, at: null });
  remember(page().key, changed);
  replay(PAUSE);
}

export function startOver(): void {
  useTest.setState({ answer: null, story: [], instants: [], playing: false });
  rewrite(again);
}

/** Looks at a line of the story; null: always at the last. */
export function lookAt(at: number | null): void {
  useTest.setState({ at, playing: at === null ? useTest.getState().playing : false });
  light();
}

/** Follows the draft and the script until told to stop. */
export function openTest(): () => void {
  const { document } = useDraft.getState();
  const kept = useTest.getState().script ?? remembered(page().key);
  const fresh = (): Script => ({
    who: { kind: "invented", customer: example(document, useNames.getState(), page().timeZone, language()) },
    start: null,
    clock: null,
    far: null,
    events: [],
  });
  useTest.setState({ script: kept ?? fresh(), problem: null });
  useUi.getState().set({ mode: "test", shown: null, marks: {}, litWays: {} });
  described = null;
  const look = (): void => {
    if (useDraft.getState().document !== described) replay(described === null ? 0 : 500);
  };
  const end = useDraft.subscribe(look);
  look();
  return () => {
    end();
    clearTimeout(timer);
    asking?.abort();
    useTest.setState({ playing: false, busy: false });
    const ui = useUi.getState();
    if (ui.mode === "test") ui.set({ mode: "draw", marks: {}, litWays: {} });
  };
}

/** Asks the server to play the script. */
export function replay(pause = 0): void {
  clearTimeout(timer);
  described = useDraft.getState().document;
  useTest.setState({ busy: true });
  timer = setTimeout(() => void ask(), pause);
}

async function ask(): Promise<void> {
  const { script } = useTest.getState();
  if (!script) return;
  const { document } = useDraft.getState();
  described = document;
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const { data } = await call<Answer>("POST", "/api/journeys/test-run", { body: question(document, script), signal });
    if (signal.aborted) return;
    told(script, data);
  } catch (problem) {
    if (signal.aborted) return;
    const errors = problem instanceof ApiProblem && Array.isArray(problem.body["problems"]) ? problem.body["problems"] : [];
    useTest.setState({ busy: false, playing: false, problem, errors: errors as unknown as Problem[] });
  }
}

function told(script: Script, answer: Answer): void {
  const begun = script.start === null ? startedAt(script, answer.start) : script;
  const story = wholeStory(answer.runs, answer.heard, begun.events);
  const whole = begun.far === null || begun.clock === null || Date.parse(begun.clock) >= Date.parse(begun.far);
  useTest.setState((state) => ({
    script: state.script === script ? begun : state.script,
    answer,
    story,
    instants: whole ? story.map((line) => line.at) : state.instants,
    at: state.at === null ? null : Math.min(state.at, story.length - 1),
    busy: false,
    problem: null,
    errors: [],
  }));
  light();
}

/** Lights the path of the run that the looked-at line belongs to, up to that line. */
function light(): void {
  const { story, at, answer } = useTest.getState();
  const { steps, edges } = useDraft.getState().document;
  const here = at ?? story.length - 1;
  const walked = walkedAt(story, here);
  const lines = walked ? (answer?.runs[walked.run]?.transitions.slice(0, walked.walked) ?? []) : [];
  const way = wayOf(
    lines,
    steps.map((step) => step.id),
    edges,
  );
  useUi.getState().set({ marks: way.marks, litWays: way.litWays, focus: story[here]?.step ?? way.here });
}
