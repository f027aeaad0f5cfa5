/** The version or difference that the canvas shows instead of the draft. */

import { axisOf } from "@/document/axis";
import { create } from "zustand";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { saveNow, useDraft } from "@/document/draft";
import type { JourneyDocument } from "@/document/types";
import { journeyPath } from "@/page";
import { withPositions } from "@/board/show-document";
import { useUi } from "@/ui/state";
import { sizeIn } from "@/board/flow";
import { type Difference, marksOf, overlaid } from "./compare";

/** A version by its number, or the draft. */
export type Which = number | "draft";
export type Version = Answer<"/api/journeys/{key}/versions", "get">["items"][number];

export type Shown =
  | { kind: "version"; version: number }
  | { kind: "difference"; from: Which; to: Which; difference: Difference; ghosts: string[] };

export type VersionsState = { shown: Shown | null; busy: boolean; problem: unknown };
export const useVersions = create<VersionsState>()(() => ({ shown: null, busy: false, problem: null }));

export async function documentOf(which: Which): Promise<JourneyDocument> {
  if (which === "draft") return useDraft.getState().document;
  const { data } = await call<Answer<"/api/journeys/{key}/versions/{n}", "get">>("GET", journeyPath(`/versions/${which}`));
  return withPositions(data.document as unknown as JourneyDocument);
}

let asked = 0;

async function showing(work: () => Promise<Shown>): Promise<void> {
  const mine = ++asked;
  useVersions.setState({ busy: true, problem: null });
  try {
    const shown = await work();
    if (mine === asked) useVersions.setState({ shown, busy: false });
  } catch (problem) {
    if (mine === asked) useVersions.setState({ busy: false, problem });
  }
}

/** Shows a published version on the canvas. */
export function openVersion(version: number): Promise<void> {
  return showing(async () => {
    const document = await documentOf(version);
    useUi.getState().set({ mode: "compare", shown: document, marks: {}, litEdges: {} });
    useUi.getState().select([]);
    return { kind: "version", version };
  });
}

/** Shows a difference on the canvas: changes in colour, removed steps as ghosts. */
export function compare(from: Which, to: Which): Promise<void> {
  return showing(async () => {
    if (from === "draft" || to === "draft") await saveNow(); // the server compares what it has
    const query = new URLSearchParams({ from: String(from), to: String(to) });
    const [older, newer, { data: difference }] = await Promise.all([
      documentOf(from),
      documentOf(to),
      call<Difference>("GET", journeyPath(`/difference?${query}`)),
    ]);
    const there = new Set(newer.steps.map((step) => step.id));
    useUi.getState().set({ mode: "compare", shown: overlaid(older, newer, sizeIn(older, axisOf(newer))), ...marksOf(difference) });
    useUi.getState().select([]);
    return { kind: "difference", from, to, difference, ghosts: older.steps.map((step) => step.id).filter((id) => !there.has(id)) };
  });
}

/** Shows the draft again. */
export function backToDraft(): void {
  asked += 1;
  useVersions.setState({ shown: null, busy: false, problem: null });
  const ui = useUi.getState();
  if (ui.mode === "compare") ui.set({ mode: "draw", shown: null, marks: {}, litEdges: {} });
}
