/** The template in the editor: its draft, its forms, and which part of it is open. */

import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";
import { loadStepTypes } from "@/document/step-types";
import type { JsonObject } from "@/document/types";
import { SavedDraft } from "@/drafts/saved-draft";
import type { FieldProblem } from "@/forms/context";
import { page } from "@/page";
import type { Check } from "@/publish/preflight";
import { announce, toast } from "@/ui/toasts";
import { language, say, word } from "@/words";
import type { Forms, Template } from "./model";

export const endpoint = (): string => `/api/message-templates/${encodeURIComponent(page.key)}`;

export const templateDraft = new SavedDraft<JsonObject, Template>({}, {
  save: (document, ifMatch) => call<Template>("PUT", endpoint(), { body: document, ifMatch }),
  documentOf: (template) => template.document,
  revisionOf: (template) => `"${template.revision}"`,
  editedAt: (template) => template.edited_at,
});

export const useTemplateDraft = templateDraft.history.useDocument;
export const useTemplateSync = templateDraft.useSync;
export const { keepMine, keepSaved, saveNow } = templateDraft;

/** The open template as the server last answered; the editor is shown only once it has. */
export const useSavedTemplate = (): Template => useTemplateSync((sync) => sync.current) as Template;

type EditorState = {
  forms: Forms;
  problems: FieldProblem[];
  /** The open channel; null: none yet. */
  channel: string | null;
  locale: string;
  /** The open block of an e-mail, by its place. */
  block: number | null;
};

export const useEditor = create<EditorState>()(() => ({
  forms: { settings: {}, variable: {}, channels: [], blocks: [], theme: null },
  problems: [],
  channel: null,
  locale: "ko",
  block: null,
}));

useTemplateSync.subscribe(({ current }, before) => {
  if (current && current !== before.current) useEditor.setState({ problems: current.problems ?? [] });
});

/** One step of undo; edits under the same tag that follow each other quickly count as one, as typing does. */
export function edit(change: (document: JsonObject) => JsonObject, tag = ""): void {
  if (!useTemplateSync.getState().readOnly) useTemplateDraft.getState().edit(change, tag);
}

export function undo(): void {
  if (useTemplateDraft.temporal.getState().pastStates.length === 0) return;
  templateDraft.history.undo();
  announce(word("tpl.undone"));
}

export function redo(): void {
  if (useTemplateDraft.temporal.getState().futureStates.length === 0) return;
  templateDraft.history.redo();
  announce(word("tpl.redone"));
}

export async function load(): Promise<void> {
  const [{ data, etag }, forms] = await Promise.all([
    call<Template>("GET", endpoint()),
    call<Forms>("GET", "/api/message-templates-forms"),
    loadStepTypes(), // for what is told of the channels
  ]);
  useEditor.setState({ forms: forms.data, locale: language() });
  useTemplateSync.setState({ readOnly: !page.can.includes("draw") });
  templateDraft.take(data, etag);
}

/** Reads again what the server has; what was written here is forgotten. */
export async function takeTheirs(): Promise<void> {
  const { data, etag } = await call<Template>("GET", endpoint());
  templateDraft.take(data, etag);
}

const stopsIn = (problem: ApiProblem): string =>
  ((problem.body["checks"] ?? []) as Check[])
    .flatMap((check) => check.findings)
    .filter((one) => one.verdict === "stop")
    .map((one) => say(one.text))
    .join(" ");

/** An action on the whole template: `use`, `archive`, `revisions/3/restore`. `done`: what a toast says afterwards. */
export async function act(action: string, done: string, body: unknown = {}, conditional = true): Promise<boolean> {
  if (!(await saveNow())) return false;
  try {
    const options = { body, ...(conditional ? { ifMatch: useTemplateSync.getState().revision } : {}) };
    const { data, etag } = await call<Template>("POST", `${endpoint()}/${action}`, options);
    if (action.startsWith("revisions")) templateDraft.take(data, etag);
    else templateDraft.remember(data, etag);
    toast(done);
    return true;
  } catch (problem) {
    // What stops it is said, with the question whether to go on; the checks beside it tell more.
    if (problem instanceof ApiProblem && problem.code === "checks_stop" && confirm(word("tpl.stops", { checks: stopsIn(problem) })))
      return act(action, done, { ...(body as object), override: true }, conditional);
    if (problem instanceof ApiProblem && Array.isArray(problem.body["problems"]))
      useEditor.setState({ problems: problem.body["problems"] as unknown as FieldProblem[] });
    toast(problem instanceof ApiProblem ? problem.message : word("tpl.no_answer"), { tone: "trouble" });
    return false;
  }
}
