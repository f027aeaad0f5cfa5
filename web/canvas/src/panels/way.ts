/** Which steps and ways a customer's path lights, up to some line of it. */

import type { Edge, Text } from "@/document/types";
import { ENTRY } from "@/document/types";
import type { Mark } from "@/ui/state";

export type What = "entered" | "left" | "goal" | "ended";
/** One line of a run's trace, as told by the server. */
export type Line = { at: string; what: What; step: string; occurrence: number; port: string | null; text: Text };

export type Way = { marks: Record<string, Mark>; litWays: Record<string, true>; here: string | null };

/** Numbers are the order of visits; the last visit of a step counts. Where the path stops, somebody stands. */
export function wayOf(lines: readonly Line[], steps: readonly string[], edges: readonly Edge[]): Way {
  const marks: Record<string, Mark> = {};
  const litWays: Record<string, true> = {};
  let visits = 0;
  let here: string | null = null;
  for (const line of lines) {
    if (line.what === "entered") {
      visits += 1;
      if (visits === 1) for (const edge of edges) if (edge.from === ENTRY) litWays[`${ENTRY}/${edge.port ?? "next"}`] = true;
      marks[line.step] = { tone: "passed", order: visits };
      here = line.step;
    } else if (line.what === "left" && line.port) {
      litWays[`${line.step}/${line.port}`] = true;
      here = line.step;
    } else if (line.what === "ended") here = line.step || here;
  }
  const at = here === null ? undefined : marks[here];
  if (here !== null && at) marks[here] = { ...at, tone: "here" };
  if (visits > 0) {
    marks[ENTRY] = { tone: "passed" };
    for (const id of steps) marks[id] ??= { tone: "dim" };
  }
  return { marks, litWays, here };
}
