/** The server's description of the journey on the canvas: ports, summaries, problems. Asked again after each change. */

import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";
import { useUi } from "@/ui/state";
import { withoutPorts } from "./edit";
import { useStepTypes } from "./step-types";
import { useDraft } from "./draft";
import { table } from "./table";
import type { Described, JourneyDocument, Port, Problem, StepNode, Text } from "./types";

export type DescribedState = {
  described: Described;
  /** The document that was described, or refused. Until the server answers, the canvas may show a newer one. */
  of: JourneyDocument | null;
  /** Problems by step; those of the journey itself by "". */
  byStep: Record<string, Problem[]>;
  /** Why the server would not describe it at all (a hostile or huge document). */
  refused: ApiProblem | null;
};

const NOTHING: Described = { steps: table(), entry: { summary: { en: "", ko: "" }, filter: null }, problems: [], plan_hash: null };
const NEXT: Port[] = [{ name: "next", label: { en: "Next", ko: "다음" }, required: true }];

export const useDescribed = create<DescribedState>()(() => ({ described: NOTHING, of: null, byStep: table(), refused: null }));

/** A step's ports: as the server describes them, or those of its kind until it has answered. */
export function portsOf(step: StepNode): Port[] {
  return useDescribed.getState().described.steps[step.id]?.ports ?? useStepTypes.getState().types[step.kind]?.ports ?? NEXT;
}

/** One line on what a step does. Names are between asterisks. */
export function summaryOf(step: StepNode): Text {
  const summary = useDescribed.getState().described.steps[step.id]?.summary;
  return summary ?? useStepTypes.getState().types[step.kind]?.summary ?? { en: "", ko: "" };
}

const PAUSE = 200;
let timer: ReturnType<typeof setTimeout> | undefined;
let asking: AbortController | undefined;

/** Describes the document on the canvas now and after each change. Returns how to end that. */
export function keepDescribed(): () => void {
  const now = (): JourneyDocument => useUi.getState().shown ?? useDraft.getState().document;
  let last: JourneyDocument | null = null;
  const check = (): void => {
    const document = now();
    if (document === last) return;
    const moved = last !== null && sameMeaning(last, document);
    const first = last === null;
    last = document;
    const { of } = useDescribed.getState();
    if (moved || (first && of !== null && sameMeaning(of, document))) return; // only something was moved
    clearTimeout(timer);
    timer = setTimeout(() => void ask(document), first ? 0 : PAUSE);
  };
  const ends = [useDraft.subscribe(check), useUi.subscribe(check)];
  check();
  return () => {
    for (const end of ends) end();
    clearTimeout(timer);
    asking?.abort();
  };
}

/** Whether two documents differ in their layout only. */
function sameMeaning(a: JourneyDocument, b: JourneyDocument): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof JourneyDocument>;
  names.delete("layout");
  return [...names].every((name) => a[name] === b[name]);
}

/** Whether the server has described the draft as it is now, or refused to. */
function isDescribed(): boolean {
  const { of } = useDescribed.getState();
  return of !== null && sameMeaning(of, useDraft.getState().document);
}

/** Resolves when the server has described the draft as it is now, or refused to: it is asked at once, and waited for until what was changed meanwhile is described as well. `longest`: milliseconds. */
export async function describedNow(longest = 5000): Promise<void> {
  if (isDescribed()) return;
  void describeNow();
  await once(isDescribed, longest);
}

/** Resolves when the server has described any document, or refused to. `longest`: milliseconds. */
export const onceDescribed = (longest = 5000): Promise<void> => once(() => useDescribed.getState().of !== null, longest);

function once(known: () => boolean, longest: number): Promise<void> {
  return new Promise((resolve) => {
    if (known()) return resolve();
    const done = (): void => {
      end();
      clearTimeout(limit);
      resolve();
    };
    const limit = setTimeout(done, longest);
    const end = useDescribed.subscribe(() => known() && done());
  });
}

/** Asks again at once: the answer may be another now (new names were seen, another journey was published). */
export async function describeNow(): Promise<void> {
  clearTimeout(timer); // what was to be asked after a pause is asked now; both would be one too many, and end the first
  await ask(useUi.getState().shown ?? useDraft.getState().document);
}

async function ask(document: JourneyDocument): Promise<void> {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const { data } = await call<Described>("POST", "/api/journeys/describe", { body: { document }, signal });
    if (!signal.aborted) answered(document, data);
  } catch (problem) {
    if (signal.aborted) return;
    if (problem instanceof ApiProblem && problem.status < 500) useDescribed.setState({ refused: problem, of: document });
    else timer = setTimeout(() => void ask(document), 3000); // the server is away: its last answer stays
  }
}

function answered(document: JourneyDocument, described: Described): void {
  const before = useDescribed.getState().described;
  const byStep = table<Problem[]>();
  for (const problem of described.problems) (byStep[problem.step ?? ""] ??= []).push(problem);
  const steps = table<Described["steps"][string]>();
  for (const [id, step] of Object.entries(described.steps)) {
    const known = before.steps[id];
    steps[id] = known && same(known, step) ? known : step;
  }
  useDescribed.setState({ described: { ...described, steps }, of: document, byStep, refused: null });
  if (useUi.getState().shown === null) useDraft.getState().amend((now) => dropEdgesOfLostPorts(now, before, described));
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Removes edges of ports that a step has lost (a branch was deleted), as part of the same step of undo. */
function dropEdgesOfLostPorts(document: JourneyDocument, before: Described, after: Described): JourneyDocument {
  let result = document;
  for (const [id, { ports }] of Object.entries(after.steps)) {
    const had = before.steps[id]?.ports;
    if (!had || had === ports) continue;
    const has = new Set(ports.map((port) => port.name));
    const lost = had.filter((port) => !has.has(port.name)).map((port) => port.name);
    if (lost.length) result = withoutPorts(result, id, lost);
  }
  return result;
}
