/** One customer's path through the journey: loaded from the server, walked step by step on the canvas. */

import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";
import type { Answer } from "@/api/types";
import type { JourneyDocument } from "@/document/types";
import { journeyPath, page } from "@/page";
import { withPositions } from "@/board/show-document";
import { runTimeline, type TimelineEntry, walkedAt } from "@/timeline/entries";
import { litPath, type Transition } from "@/timeline/lit-path";
import { moveClock, scriptOf } from "@/testrun/script";
import { testWith } from "@/testrun/store";
import { useUi } from "@/ui/state";
import { toast } from "@/ui/toasts";
import { language, say, word } from "@/words";

type PathAnswer = Answer<"/api/runs/{run}/path", "get">;
type Version = Answer<"/api/journeys/{key}/versions/{n}", "get">;
export type RunSnapshots = Answer<"/api/runs/{run}/snapshots", "get">;
type RunAsTest = Answer<"/api/runs/{run}/test-script", "get">;
export type RunPath = Omit<PathAnswer, "transitions"> & { transitions: (Transition & { seq: number })[] };

export type PathState = {
  run: string | null;
  name: string;
  path: RunPath | null;
  document: JourneyDocument | null;
  timeline: TimelineEntry[];
  at: number;
  /** How things stood at its lines; null until it is known. */
  then: RunSnapshots | null;
  problem: unknown;
};

const NONE: PathState = { run: null, name: "", path: null, document: null, timeline: [], at: 0, then: null, problem: null };
export const usePath = create<PathState>()(() => NONE);

/** Lights the path up to an entry of the timeline, and brings its step into view. */
export function walkTo(index: number): void {
  const { path, timeline, document } = usePath.getState();
  if (!path || !document) return;
  const at = Math.max(0, Math.min(timeline.length - 1, index));
  const walked = walkedAt(timeline, at)?.walked ?? 0;
  const transitions = path.transitions.slice(0, walked);
  const { marks, litEdges, here } = litPath(
    transitions,
    document.steps.map((step) => step.id),
    document.edges,
  );
  usePath.setState({ at });
  useUi.getState().set({ marks, litEdges, focus: timeline[at]?.step ?? here });
}

/** Loads a run's path and goes to its end, where the customer is now. */
export async function walkPath(run: string, name: string): Promise<void> {
  usePath.setState({ ...NONE, run, name });
  try {
    const address = `/api/runs/${encodeURIComponent(run)}`;
    const { data: path } = await call<RunPath>("GET", `${address}/path`);
    if (path.run.journey !== page.key) {
      location.assign(`/journeys/${encodeURIComponent(path.run.journey)}#run=${run}`);
      return;
    }
    const { data: version } = await call<Version>("GET", journeyPath(`/versions/${path.run.version}`));
    const document = await withPositions(version.document as unknown as JourneyDocument);
    if (usePath.getState().run !== run) return;
    usePath.setState({ path, document, name: name || nameIn(path), timeline: runTimeline(path.transitions, path.sends) });
    useUi.getState().set({ mode: "path", shown: document });
    walkTo(Number.MAX_SAFE_INTEGER);
    const { data: then } = await call<RunSnapshots>("GET", `${address}/snapshots`);
    if (usePath.getState().run === run) usePath.setState({ then });
  } catch (problem) {
    if (usePath.getState().run === run) usePath.setState({ problem });
  }
}

const nameIn = ({ run }: RunPath): string => run.customer.name || run.customer.external_id || word("live.customers.nameless");

/** Tries what happened to the customer with the draft, without what is of a person: the clock stands at the chosen entry. */
export async function tryWithDraft(): Promise<void> {
  const { run, timeline, at } = usePath.getState();
  const entry = timeline[at];
  if (run === null || !entry) return;
  try {
    const { data } = await call<RunAsTest>("GET", `/api/runs/${encodeURIComponent(run)}/test-script`);
    const script = moveClock(scriptOf(data.script, language()), entry.at);
    usePath.setState(NONE);
    testWith(script);
    const left = data.left_out.length > 0 ? [word("time.left_out"), ...data.left_out.map(say)] : [];
    toast([word("time.made_up"), ...left].join(" "), { stay: 10_000 });
  } catch (problem) {
    toast(problem instanceof ApiProblem ? problem.message : word("panel.no_answer"), { tone: "trouble" });
  }
}

/** Shows the counts again. */
export function leavePath(): void {
  if (usePath.getState().run === null) return;
  usePath.setState(NONE);
  const ui = useUi.getState();
  if (ui.mode === "path") ui.set({ mode: "live", shown: null, marks: {}, litEdges: {} });
}
