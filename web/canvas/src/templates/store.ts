/** The template that is written: its document with past and future, saved a moment after each change. */

import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";
import type { SaveState } from "@/document/store";
import type { JsonObject, Problem } from "@/document/types";
import { page } from "@/page";
import { announce, toast } from "@/ui/announce";
import { language, word } from "@/words";
import type { Channel, Forms, Template } from "./model";

const PAUSE = 700;
const ONE_EDIT = 900;
const MOST_PAST = 200;

type State = {
  document: JsonObject;
  past: JsonObject[];
  future: JsonObject[];
  template: Template;
  forms: Forms;
  problems: Problem[];
  save: SaveState;
  savedAt: number | null;
  readOnly: boolean;
  etag: string;
  theirs: Template | null;
  trouble: string;
  channel: Channel | null;
  locale: string;
  block: number | null;
};

export const useTemplate = create<State>()(() => ({
  document: {},
  past: [],
  future: [],
  template: {} as Template,
  forms: { settings: {}, variable: {}, channels: [], blocks: [], theme: null },
  problems: [],
  save: "saved",
  savedAt: null,
  readOnly: true,
  etag: "",
  theirs: null,
  trouble: "",
  channel: null,
  locale: "ko",
  block: null,
}));

const address = (): string => `/api/message-templates/${encodeURIComponent(page.key)}`;
let lastEdit = { tag: "", at: 0 };
let timer: ReturnType<typeof setTimeout> | undefined;
let kept: JsonObject = {};
let running: Promise<void> | null = null;
let failures = 0;

/** One step of undo; changes with the same tag in a row count as one, as typing does. */
export function edit(change: (document: JsonObject) => JsonObject, tag = ""): void {
  const { document, past, readOnly } = useTemplate.getState();
  const next = change(document);
  if (readOnly || next === document) return;
  const same = tag !== "" && tag === lastEdit.tag && Date.now() - lastEdit.at < ONE_EDIT && past.length > 0;
  lastEdit = { tag, at: Date.now() };
  useTemplate.setState({ document: next, past: same ? past : [...past.slice(1 - MOST_PAST), document], future: [] });
  later();
}

export function undo(): void {
  const { document, past, future } = useTemplate.getState();
  const before = past.at(-1);
  if (!before) return;
  useTemplate.setState({ document: before, past: past.slice(0, -1), future: [document, ...future] });
  announce(word("tpl.undone"));
  settle();
}

export function redo(): void {
  const { document, past, future } = useTemplate.getState();
  const [after, ...rest] = future;
  if (!after) return;
  useTemplate.setState({ document: after, past: [...past, document], future: rest });
  announce(word("tpl.redone"));
  settle();
}

/** After undo and redo: the block that was open may be gone, and what is there now is saved. */
function settle(): void {
  lastEdit = { tag: "", at: 0 };
  later();
}

export async function load(): Promise<void> {
  const [{ data, etag }, forms] = await Promise.all([call<Template>("GET", address()), call<Forms>("GET", "/api/message-templates-forms")]);
  useTemplate.setState({ forms: forms.data, readOnly: !page.can.includes("draw"), locale: language() });
  take(data, etag);
}

/** Shows what the server has; what was written here before it is forgotten. */
export function take(template: Template, etag = ""): void {
  kept = template.document;
  clearTimeout(timer);
  useTemplate.setState({
    document: template.document,
    past: [],
    future: [],
    template,
    problems: template.problems ?? [],
    etag: etag || `"${template.revision}"`,
    save: "saved",
    savedAt: Date.parse(template.edited_at),
    theirs: null,
  });
}

function told(template: Template, etag: string): void {
  useTemplate.setState({ template, problems: template.problems, etag: etag || `"${template.revision}"` });
}

function later(milliseconds = PAUSE): void {
  clearTimeout(timer);
  const { save } = useTemplate.getState();
  if (save === "conflict") return;
  if (save !== "failed") useTemplate.setState({ save: "waiting" });
  timer = setTimeout(() => void saveNow(), milliseconds);
}

/** Saves at once; whoever sends or uses it waits for that. False: it could not be saved. */
export async function saveNow(): Promise<boolean> {
  clearTimeout(timer);
  while (running) await running;
  const { document, save, readOnly } = useTemplate.getState();
  if (readOnly || save === "conflict") return save !== "conflict";
  if (document !== kept) {
    running = put(document);
    try {
      await running;
    } finally {
      running = null;
    }
  } else useTemplate.setState({ save: "saved" });
  return useTemplate.getState().save === "saved";
}

async function put(document: JsonObject): Promise<void> {
  useTemplate.setState({ save: "saving" });
  try {
    const { data, etag } = await call<Template>("PUT", address(), { body: document, ifMatch: useTemplate.getState().etag });
    kept = document;
    failures = 0;
    told(data, etag);
    const unchanged = useTemplate.getState().document === document;
    useTemplate.setState({ save: unchanged ? "saved" : "waiting", savedAt: Date.now() });
    if (!unchanged) later();
  } catch (problem) {
    if (problem instanceof ApiProblem && problem.status === 412) {
      useTemplate.setState({ save: "conflict", theirs: problem.body["current"] as unknown as Template });
      return;
    }
    failures += 1;
    useTemplate.setState({ save: "failed", trouble: problem instanceof ApiProblem ? problem.message : "" });
    timer = setTimeout(() => void saveNow(), Math.min(30_000, 1000 * 2 ** failures));
  }
}

/** Saves what was written here over what somebody else saved meanwhile, knowing of it. */
export function keepMine(): void {
  const theirs = useTemplate.getState().theirs;
  if (theirs) useTemplate.setState({ etag: `"${theirs.revision}"`, theirs: null, save: "waiting" });
  void saveNow();
}

/** Reads again what the server has, whatever stands here. */
export async function takeTheirs(): Promise<void> {
  const { data, etag } = await call<Template>("GET", address());
  take(data, etag);
}

/** What is done with the template as a whole: `use`, `archive`, `revisions/3/restore`. Says what went wrong. */
export async function act(action: string, done: string, body: unknown = {}, conditional = true): Promise<boolean> {
  if (!(await saveNow())) return false;
  try {
    const options = { body, ...(conditional ? { ifMatch: useTemplate.getState().etag } : {}) };
    const { data, etag } = await call<Template>("POST", `${address()}/${action}`, options);
    if (action.startsWith("revisions")) take(data, etag);
    else told(data, etag);
    toast(done);
    return true;
  } catch (problem) {
    if (problem instanceof ApiProblem && Array.isArray(problem.body["problems"]))
      useTemplate.setState({ problems: problem.body["problems"] as unknown as Problem[] });
    toast(problem instanceof ApiProblem ? problem.message : word("tpl.no_answer"), { tone: "trouble" });
    return false;
  }
}

export const endpoint = address;
