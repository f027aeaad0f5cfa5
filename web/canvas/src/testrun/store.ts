/** The test run that is being played: its script, the server's answer, and the entry that is looked at. */

import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useNames } from "@/document/names";
import { useDraft } from "@/document/draft";
import type { JourneyDocument, Problem } from "@/document/types";
import { page } from "@/page";
import { mergedTimeline, type TimelineEntry, walkedAt } from "@/timeline/entries";
import { litPath, type Transition } from "@/timeline/lit-path";
import type { Snapshot } from "@/timeline/state-at";
import { useUi } from "@/ui/state";
import { language } from "@/words";
import { again, example, moveClock, question, remember, remembered, type Script, startedAt } from "./script";

type TestAnswer = Answer<"/api/journeys/test-run", "post">;
export type Run = Omit<TestAnswer["runs"][number], "transitions"> & { transitions: (Transition & { snapshot: Snapshot })[] };
export type TestRun = Omit<TestAnswer, "runs"> & { runs: Run[] };
/** An event that would move the customer on. */
export type WakingEvent = NonNullable<Run["now"]>["waking_events"][number];
export type TestState = {
  script: Script | null;
  answer: TestRun | null;
  timeline: TimelineEntry[];
  /** Instants of the longest timeline so far, for the scrubber. */
  instants: string[];
  /** The chosen entry of the timeline; null: the last. */
  at: number | null;
  busy: boolean;
  playing: boolean;
  problem: unknown;
  /** Where somebody went on from, and what had happened before they changed anything. */
  branch: { at: string; former: TimelineEntry[] } | null;
  /** What keeps the journey from being tried, as the server lists it. */
  errors: Problem[];
};

export const useTest = create<TestState>()(() => ({
  script: null,
  answer: null,
  timeline: [],
  instants: [],
  at: null,
  busy: false,
  playing: false,
  problem: null,
  branch: null,
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
  remember(page.key, changed);
  replay(PAUSE);
}

export function startOver(): void {
  useTest.setState({ answer: null, timeline: [], instants: [], playing: false, branch: null });
  rewrite(again);
}

/** Chooses an entry of the timeline; null: always the last. */
export function showEntry(at: number | null): void {
  useTest.setState({ at, playing: at === null ? useTest.getState().playing : false });
  light();
}

/** Stops at the chosen entry: what is changed now, is marked against what had happened so far. Later events stay in the
 * script, and are played again as the clock goes on. */
export function goOnFrom(entry: TimelineEntry): void {
  const { timeline } = useTest.getState();
  useTest.setState({ branch: { at: entry.at, former: timeline }, playing: false });
  rewrite((script) => moveClock(script, entry.at));
}

/** Takes what is there now as it is: nothing is marked any more. */
export function forgetFormer(): void {
  useTest.setState({ branch: null });
}

/** Opens the test run with a script that came from elsewhere. */
export function testWith(script: Script): void {
  useTest.setState({ script, answer: null, timeline: [], instants: [], at: null, playing: false, branch: null });
  remember(page.key, script);
  useUi.getState().set({ mode: "test", shown: null, marks: {}, litEdges: {}, panel: "test" });
}

/** Follows the draft and the script until the returned function is called. */
export function openTest(): () => void {
  const { document } = useDraft.getState();
  const kept = useTest.getState().script ?? remembered(page.key);
  const fresh = (): Script => ({
    who: { kind: "invented", customer: example(document, useNames.getState(), page.timeZone, language()) },
    start: null,
    clock: null,
    far: null,
    events: [],
  });
  useTest.setState({ script: kept ?? fresh(), problem: null });
  useUi.getState().set({ mode: "test", shown: null, marks: {}, litEdges: {} });
  described = null;
  const check = (): void => {
    if (useDraft.getState().document !== described) replay(described === null ? 0 : 500);
  };
  const end = useDraft.subscribe(check);
  check();
  return () => {
    end();
    clearTimeout(timer);
    asking?.abort();
    useTest.setState({ playing: false, busy: false });
    const ui = useUi.getState();
    if (ui.mode === "test") ui.set({ mode: "draw", marks: {}, litEdges: {} });
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
    const { data } = await call<TestRun>("POST", "/api/journeys/test-run", { body: question(document, script), signal });
    if (signal.aborted) return;
    answered(script, data);
  } catch (problem) {
    if (signal.aborted) return;
    const errors = problem instanceof ApiProblem && Array.isArray(problem.body["problems"]) ? problem.body["problems"] : [];
    useTest.setState({ busy: false, playing: false, problem, errors: errors as unknown as Problem[] });
  }
}

function answered(script: Script, answer: TestRun): void {
  const started = script.start === null ? startedAt(script, answer.start) : script;
  const timeline = mergedTimeline(answer.runs, answer.events, started.events);
  const whole = started.far === null || started.clock === null || Date.parse(started.clock) >= Date.parse(started.far);
  useTest.setState((state) => ({
    script: state.script === script ? started : state.script,
    answer,
    timeline,
    instants: whole ? timeline.map((line) => line.at) : state.instants,
    at: state.at === null ? null : Math.min(state.at, timeline.length - 1),
    busy: false,
    problem: null,
    errors: [],
  }));
  light();
}

/** Lights the path of the run that the chosen entry belongs to, up to that entry. */
function light(): void {
  if (useUi.getState().mode !== "test") return; // an answer that comes late lights nothing in the drawing
  const { timeline, at, answer } = useTest.getState();
  const { steps, edges } = useDraft.getState().document;
  const here = at ?? timeline.length - 1;
  const walked = walkedAt(timeline, here);
  const transitions = walked ? (answer?.runs[walked.run]?.transitions.slice(0, walked.walked) ?? []) : [];
  const ids = steps.map((step) => step.id);
  const path = litPath(transitions, ids, edges);
  const now = timeline[here]?.at;
  answer?.runs.forEach((run, index) => {
    // Beside the run whose path is lit, the others stand somewhere too.
    const past = now === undefined || index === walked?.run ? [] : run.transitions.filter((one) => Date.parse(one.at) <= Date.parse(now));
    const last = past.at(-1);
    if (last && last.what !== "ended") path.marks[last.step] = { ...path.marks[last.step], tone: "here" };
  });
  useUi.getState().set({ marks: path.marks, litEdges: path.litEdges, focus: timeline[here]?.step ?? path.here });
}
