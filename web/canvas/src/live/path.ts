/** One customer's way through the journey: loaded from the server, walked step by step on the canvas. */

import { create } from "zustand";
import { call } from "@/api/client";
import type { JourneyDocument, Text } from "@/document/types";
import { journeyPath } from "@/panels/page";
import { withPlaces } from "@/panels/places";
import { runStory, type SendLine, type StoryLine, walkedAt } from "@/panels/story";
import { type Line, wayOf } from "@/panels/way";
import { useUi } from "@/ui/state";

export type RunPath = {
  run: {
    id: string;
    journey: string;
    version: number;
    customer: { id: string | null; name: string | null; external_id: string | null };
    key: string;
    status: string;
    step: string | null;
    waiting_until: string | null;
    problem: string | null;
    text: Text | null;
  };
  transitions: (Line & { seq: number })[];
  sends: SendLine[];
};

export type PathState = {
  run: string | null;
  name: string;
  path: RunPath | null;
  document: JourneyDocument | null;
  story: StoryLine[];
  at: number;
  problem: unknown;
};

const NONE: PathState = { run: null, name: "", path: null, document: null, story: [], at: 0, problem: null };
export const usePath = create<PathState>()(() => NONE);

/** Lights the path up to a line, and brings the step into sight. */
export function walkTo(index: number): void {
  const { path, story, document } = usePath.getState();
  if (!path || !document) return;
  const at = Math.max(0, Math.min(story.length - 1, index));
  const walked = walkedAt(story, at)?.walked ?? 0;
  const lines = path.transitions.slice(0, walked);
  const { marks, litWays, here } = wayOf(
    lines,
    document.steps.map((step) => step.id),
    document.edges,
  );
  usePath.setState({ at });
  useUi.getState().set({ marks, litWays, focus: story[at]?.step ?? here });
}

/** Loads a run's path and goes to its end, where the customer stands. */
export async function walkPath(run: string, name: string): Promise<void> {
  usePath.setState({ ...NONE, run, name });
  try {
    const { data: path } = await call<RunPath>("GET", `/api/runs/${encodeURIComponent(run)}/path`);
    const { data: version } = await call<{ document: JourneyDocument }>("GET", journeyPath(`/versions/${path.run.version}`));
    const document = await withPlaces(version.document);
    if (usePath.getState().run !== run) return;
    usePath.setState({ path, document, story: runStory(path.transitions, path.sends) });
    useUi.getState().set({ mode: "path", shown: document });
    walkTo(Number.MAX_SAFE_INTEGER);
  } catch (problem) {
    if (usePath.getState().run === run) usePath.setState({ problem });
  }
}

/** Back to what stood on the canvas before: the counts. */
export function leavePath(): void {
  if (usePath.getState().run === null) return;
  usePath.setState(NONE);
  const ui = useUi.getState();
  if (ui.mode === "path") ui.set({ mode: "live", shown: null, marks: {}, litWays: {} });
}
