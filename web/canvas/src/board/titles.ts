/** What things on the canvas are called. */

import { summaryOf } from "@/document/described";
import { useStepTypes } from "@/document/step-types";
import type { StepNode } from "@/document/types";
import { inLocale, say } from "@/words";

export const kindTitle = (kind: string): string => {
  const type = useStepTypes.getState().types[kind];
  return type ? say(type.title) : kind;
};

/** A step's own title, else what its kind is called. */
export const titleOf = (step: StepNode): string => inLocale(step.label, kindTitle(step.kind));

export const plain = (line: string): string => line.replaceAll("*", "");

export const summaryLine = (step: StepNode): string => say(summaryOf(step));
