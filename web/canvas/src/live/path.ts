/** One customer's path through the journey: loaded from the server, walked step by step on the canvas. */

import { create } from "zustand";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import type { JourneyDocument } from "@/document/types";
import { journeyPath } from "@/page";
import { withPositions } from "@/board/show-document";
import { runTimeline, type TimelineEntry, walkedAt } from "@/timeline/entries";
import { litPath, type Transition } from "@/timeline/lit-path";
import { useUi } from "@/ui/state";

type PathAnswer = Answer<"/api/runs/{run}/path", "get">;
type Version = Answer<"/api/journeys/{key}/versions/{n}", "get">;
export type RunPath = Omit<PathAnswer, "transitions"> & { transitions: (Transition & { seq: number })[] };

export type PathState = {
  run: string | null;
  name: string;
  path: RunPath | null;
  document: JourneyDocument | null;
  timeline: TimelineEntry[];
  at: number;
  problem: unknown;
};

const NONE: PathState = { run: null, name: "", path: null, document: null, timeline: [], at: 0, problem: null };
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
    const { data: path } = await call<RunPath>("GET", `/api/runs/${encodeURIComponent(run)}/path`);
    const { data: version } = await call<Version>("GET", journeyPath(`/versions/${path.run.version}`));
    const document = await withPositions(version.document as unknown as JourneyDocument);
    if (usePath.getState().run !== run) return;
    usePath.setState({ path, document, timeline: runTimeline(path.transitions, path.sends) });
    useUi.getState().set({ mode: "path", shown: document });
    walkTo(Number.MAX_SAFE_INTEGER);
  } catch (problem) {
    if (usePath.getState().run === run) usePath.setState({ problem });
  }
}

/** Shows the counts again. */
export function leavePath(): void {
  if (usePath.getState().run === null) return;
  usePath.setState(NONE);
  const ui = useUi.getState();
  if (ui.mode === "path") ui.set({ mode: "live", shown: null, marks: {}, litEdges: {} });
}
