/** The draft of the journey on the canvas. */

import { call } from "@/api/client";
import { SavedDraft } from "@/drafts/saved-draft";
import type { Draft, JourneyDocument, LocalText } from "./types";

const EMPTY: JourneyDocument = { key: "", name: {}, entry: { triggers: [] }, steps: [], edges: [] };

const path = (key: string): string => `/api/journeys/${encodeURIComponent(key)}`;

export const journeyDraft = new SavedDraft<JourneyDocument, Draft>(EMPTY, {
  save: (document, ifMatch) => call<Draft>("PUT", path(document.key), { body: document, ifMatch }),
  documentOf: complete,
  revisionOf: ({ revision }) => String(revision ?? ""),
  editedAt: (draft) => draft.edited_at,
});

export const useDraft = journeyDraft.history.useDocument;
export const useSync = journeyDraft.useSync;
export const { undo, redo, beginGesture, keepTidy } = journeyDraft.history;
export const { countAsSaved, keepMine, keepSaved, saveNow, takeAsEdit } = journeyDraft;

export async function loadDraft(key: string): Promise<void> {
  const { data, etag } = await call<Draft>("GET", path(key));
  journeyDraft.take(data, etag);
}

/** Keeps where the steps of an opened draft were put, so that it opens at once the next time. It only helps: nobody is told of a failure. */
export function keepPlaces(): void {
  const { document } = useDraft.getState();
  if (useSync.getState().readOnly || !document.layout?.positions) return;
  const ifMatch = useSync.getState().revision;
  void call("PUT", `${path(document.key)}/layout`, { body: { positions: document.layout.positions }, ifMatch }).catch(() => undefined);
}

/** Asks what changed on the server beside the document (published, paused). */
export async function refreshJourney(): Promise<void> {
  const { data, etag } = await call<Draft>("GET", path(useDraft.getState().document.key));
  journeyDraft.refresh(data, etag);
}

/** A stored draft may lack what an unfinished journey does not have yet, and may have one text for all languages. */
function complete(draft: Draft): JourneyDocument {
  const found = draft.draft ?? {};
  const list = <T>(value: T[] | undefined): T[] => (Array.isArray(value) ? value : []);
  return {
    ...found,
    key: found.key ?? draft.key,
    name: localText(found.name) ?? {},
    entry: found.entry ?? { triggers: [] },
    steps: list(found.steps).map((step) => {
      const label = localText(step.label);
      return { ...step, settings: step.settings ?? {}, ...(label && { label }) };
    }),
    edges: list(found.edges),
  };
}

const localText = (words: unknown): LocalText | undefined =>
  typeof words === "string" ? { ko: words, en: words } : ((words ?? undefined) as LocalText | undefined);
