/** What a step is called by those who draw: its own title, else what its kind is called. */

import { useStepTypes } from "@/document/step-types";
import { type JourneyDocument, type StepNode } from "@/document/types";
import { inLocale, say } from "@/words";

export function titleOf(step: StepNode | undefined, id: string): string {
  if (!step) return id;
  const type = useStepTypes.getState().types[step.kind];
  return inLocale(step.label, type ? say(type.title) : step.kind);
}

export const stepTitle = (document: JourneyDocument, id: string): string =>
  titleOf(
    document.steps.find((step) => step.id === id),
    id,
  );
