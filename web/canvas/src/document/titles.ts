/** What steps are called by the person who draws: their own title, else the title of their kind. */

import { summaryOf } from "./described";
import { useStepTypes } from "./step-types";
import type { JourneyDocument, StepNode, Text } from "./types";
import { inLocale, say } from "@/words";

export const kindTitle = (kind: string): string => {
  const type = useStepTypes.getState().types[kind];
  return type ? say(type.title) : kind;
};

export const titleOf = (step: StepNode): string => inLocale(step.label, kindTitle(step.kind));

/** The title of a step by its id; the id where the document has no such step. */
export function stepTitle(document: JourneyDocument, id: string): string {
  const step = document.steps.find((one) => one.id === id);
  return step ? titleOf(step) : id;
}

/** What a goal is called; its id where it has no name. */
export function goalTitle(document: JourneyDocument, id: string): string {
  const goal = document.goals?.find((one) => one["id"] === id);
  return inLocale((goal?.["label"] ?? {}) as Text, id);
}

/** A phrase without the asterisks that set names apart. */
export const plain = (line: string): string => line.replaceAll("*", "");

export const summaryLine = (step: StepNode): string => say(summaryOf(step));
