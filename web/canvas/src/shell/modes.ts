/** Drawing, watching, trying: what the canvas shows, and the version that customers are in, locked. */

import { useEffect } from "react";
import { ApiProblem, call } from "@/api/client";
import { useSync } from "@/document/store";
import type { JourneyDocument } from "@/document/types";
import { page } from "@/page";
import { toast } from "@/ui/announce";
import { NOTHING, type Mode, useUi } from "@/ui/state";
import { word } from "@/words";
import { arrange } from "@/board/arrange";
import { isUnplaced } from "@/document/arrange";

export function setMode(mode: Mode): void {
  useUi.getState().set({
    mode,
    shown: null,
    marks: {},
    litWays: {},
    selection: NOTHING,
    panel: mode === "test" ? "test" : null,
  });
}

const versions = new Map<number, JourneyDocument>();

async function versionOf(number: number): Promise<JourneyDocument> {
  const known = versions.get(number);
  if (known) return known;
  const { data } = await call<{ document: JourneyDocument }>("GET", `/api/journeys/${encodeURIComponent(page.key)}/versions/${number}`);
  const document = isUnplaced(data.document) ? await arrange(data.document) : data.document;
  versions.set(number, document);
  return document;
}

/** While one watches, the version that customers enter stands on the canvas. */
export function useLiveVersion(): void {
  const wanted = useUi((ui) => ui.mode === "live" && ui.shown === null);
  const version = useSync((sync) => sync.journey?.version ?? null);
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
