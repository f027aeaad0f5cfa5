/** Loads the draft and keeps the server's copy up to date: saved a moment after each change, never over another's work. */

import { ApiProblem, call } from "@/api/client";
import { useDraft, useSync } from "./store";
import type { Draft, JourneyDocument, LocalText } from "./types";

const PAUSE = 800;
const LONGEST = 30_000;

/** The document that the server has; the draft is saved when it is another. */
let kept: JourneyDocument | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let running: Promise<void> | null = null;

const path = (key: string): string => `/api/journeys/${encodeURIComponent(key)}`;

function told(draft: Draft, etag: string): void {
  const { draft: _, ...journey } = draft;
  useSync.setState({ journey, revision: etag || String(draft.revision ?? "") });
}

export async function loadDraft(key: string): Promise<void> {
  const { data, etag } = await call<Draft>("GET", path(key));
  takeDraft(data, etag);
}

/** Shows a draft of the server's (loaded, restored, another's): the past is forgotten. */
export function takeDraft(draft: Draft, etag = ""): void {
  clearTimeout(timer);
  const document = whole(draft);
  kept = document;
  useDraft.getState().replace(document);
  useDraft.temporal.getState().clear();
  told(draft, etag);
  useSync.setState({ save: "saved", theirs: null, savedAt: draft.edited_at ? Date.parse(draft.edited_at) : null });
}

/** Takes another's draft as one more edit, so that it can be undone: what one drew oneself is not lost. */
export function takeTheirs(draft: Draft, etag = ""): void {
  const document = whole(draft);
  kept = document;
  told(draft, etag);
  useSync.setState({ save: "saved", theirs: null });
  useDraft.getState().edit(() => document);
  kept = useDraft.getState().document;
}

/** Saves what one drew over what another saved meanwhile, knowing of it. */
export function keepMine(): Promise<void> {
  const theirs = useSync.getState().theirs;
  if (theirs) told(theirs, String(theirs.revision ?? ""));
  useSync.setState({ theirs: null, save: "waiting" });
  return saveNow();
}

/** The draft as it stands counts as saved: it was only arranged for the eye, and whoever just looks changes nothing. */
export function countAsSaved(): void {
  kept = useDraft.getState().document;
  clearTimeout(timer);
  if (useSync.getState().save === "waiting") useSync.setState({ save: "saved" });
}

/** What else changed on the server (published, paused) without a change of the document. */
export async function refreshJourney(): Promise<void> {
  const { data, etag } = await call<Draft>("GET", path(useDraft.getState().document.key));
  const { draft: _, ...journey } = data;
  if (useSync.getState().save === "saved" && kept === useDraft.getState().document) told(data, etag);
  else useSync.setState({ journey });
}

/** A stored draft may lack what an unfinished journey does not have yet, and have one text for every language. */
function whole(draft: Draft): JourneyDocument {
  const found = (draft.draft ?? {}) as Partial<JourneyDocument>;
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

/** Saves a moment after each change from now on. Returns how to end that. */
export function keepSaved(): () => void {
  const end = useDraft.subscribe(({ document }) => {
    const { save, readOnly } = useSync.getState();
    if (readOnly || save === "conflict") return;
    if (document === kept) {
      if (save === "waiting") {
        clearTimeout(timer);
        useSync.setState({ save: "saved" });
      }
      return;
    }
    later(PAUSE);
  });
  const leaving = (event: BeforeUnloadEvent): void => {
    if (useSync.getState().save !== "saved") event.preventDefault();
  };
  const online = (): void => {
    if (useSync.getState().save === "failed") void saveNow();
  };
  addEventListener("beforeunload", leaving);
  addEventListener("online", online);
  return () => {
    end();
    removeEventListener("beforeunload", leaving);
    removeEventListener("online", online);
  };
}

function later(milliseconds: number): void {
  clearTimeout(timer);
  if (useSync.getState().save !== "failed") useSync.setState({ save: "waiting" });
  timer = setTimeout(() => void saveNow(), milliseconds);
}

/** Saves at once; whoever publishes or exports waits for it. */
export async function saveNow(): Promise<void> {
  clearTimeout(timer);
  while (running) await running;
  const { readOnly, save } = useSync.getState();
  if (readOnly || save === "conflict" || useDraft.getState().document === kept) return;
  running = put(useDraft.getState().document);
  try {
    await running;
  } finally {
    running = null;
  }
  if (useSync.getState().save === "waiting") later(PAUSE);
}

async function put(document: JourneyDocument): Promise<void> {
  useSync.setState({ save: "saving" });
  try {
    const { data, etag } = await call<Draft>("PUT", path(document.key), { body: document, ifMatch: useSync.getState().revision });
    kept = document;
    failures = 0;
    told(data, etag);
    const unchanged = useDraft.getState().document === document;
    useSync.setState({ save: unchanged ? "saved" : "waiting", savedAt: Date.now() });
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 412) {
      useSync.setState({ save: "conflict", theirs: (problem.body["current"] ?? null) as unknown as Draft | null });
      return;
    }
    failures += 1;
    useSync.setState({ save: "failed", problem: problem instanceof ApiProblem ? problem.message : "" });
    clearTimeout(timer);
    timer = setTimeout(() => void saveNow(), Math.min(LONGEST, 1000 * 2 ** failures));
  }
}
