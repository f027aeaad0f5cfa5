/** Which steps and edges a customer's path lights, up to some transition of it. */

import type { Answer } from "@/api/types";
import { edgeId } from "@/document/edit";
import { type Edge, ENTRY } from "@/document/types";
import type { Mark } from "@/ui/state";

/** The API describes `what` only as a string. */
export type TransitionKind = "entered" | "left" | "goal" | "ended" | "moved";
/** One transition of a run. */
export type Transition = Omit<Answer<"/api/journeys/test-run", "post">["runs"][number]["transitions"][number], "what" | "snapshot"> & { what: TransitionKind };

/** `here`: the step at which the path stops. */
export type LitPath = { marks: Record<string, Mark>; litEdges: Record<string, true>; here: string | null };

/** Numbers the visits in their order; of several visits of a step the last counts. */
export function litPath(transitions: readonly Transition[], steps: readonly string[], edges: readonly Edge[]): LitPath {
  const marks: Record<string, Mark> = {};
  const litEdges: Record<string, true> = {};
  let visits = 0;
  let here: string | null = null;
  for (const transition of transitions) {
    if (transition.what === "entered") {
      visits += 1;
      if (visits === 1) for (const edge of edges) if (edge.from === ENTRY) litEdges[edgeId(edge)] = true;
      marks[transition.step] = { tone: "passed", order: visits };
      here = transition.step;
    } else if (transition.what === "left" && transition.port) {
      litEdges[`${transition.step}/${transition.port}`] = true;
      here = transition.step;
    } else if (transition.what === "ended") here = transition.step || here;
  }
  const at = here === null ? undefined : marks[here];
  if (here !== null && at) marks[here] = { ...at, tone: "here" };
  if (visits > 0) {
    marks[ENTRY] = { tone: "passed" };
    for (const id of steps) marks[id] ??= { tone: "dim" };
  }
  return { marks, litEdges, here };
}
