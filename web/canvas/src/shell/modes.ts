/** The modes of the canvas (draw, live, test), and loading the published version for the live one. */

import { useEffect } from "react";
import { ApiProblem, call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useSync } from "@/document/draft";
import type { JourneyDocument } from "@/document/types";
import { journeyPath } from "@/page";
import { toast } from "@/ui/toasts";
import { NOTHING, type Mode, useUi } from "@/ui/state";
import { word } from "@/words";
import { arrange } from "@/board/arrange";
import { isUnplaced } from "@/document/layout";

export function setMode(mode: Mode): void {
  useUi.getState().set({
    mode,
    shown: null,
    marks: {},
    litEdges: {},
    selection: NOTHING,
    panel: mode === "test" ? "test" : null,
  });
}

const versions = new Map<number, JourneyDocument>();

async function versionOf(number: number): Promise<JourneyDocument> {
  const known = versions.get(number);
  if (known) return known;
  const { data } = await call<Answer<"/api/journeys/{key}/versions/{n}", "get">>("GET", journeyPath(`/versions/${number}`));
  const published = data.document as unknown as JourneyDocument;
  const document = isUnplaced(published) ? await arrange(published) : published;
  versions.set(number, document);
  return document;
}

/** Shows the version that customers enter while the mode is live. */
export function useLiveVersion(): void {
  const wanted = useUi((ui) => ui.mode === "live" && ui.shown === null);
  const version = useSync((sync) => sync.current?.version ?? null);
  useEffect(() => {
    if (!wanted || version === null) return;
    let gone = false;
    versionOf(version)
      .then((document) => {
        if (!gone && useUi.getState().mode === "live") useUi.getState().set({ shown: document });
      })
      .catch((problem: unknown) => {
        if (gone) return;
        toast(problem instanceof ApiProblem ? problem.message : word("mode.live_failed"), { tone: "trouble" });
        setMode("draw");
      });
    return () => {
      gone = true;
    };
  }, [wanted, version]);
}
