/** What the panels of a step and of the journey share: the document that they edit, and problems that belong to no field. */

import { useDraft, useSync } from "@/document/draft";
import type { JourneyDocument, Problem } from "@/document/types";
import { useUi } from "@/ui/state";
import { say, useWords } from "@/words";

/** The document on the canvas. A published version or a difference is read-only. */
export function useEditing(): { document: JourneyDocument; readOnly: boolean } {
  const draft = useDraft((state) => state.document);
  const locked = useSync((state) => state.readOnly);
  const shown = useUi((ui) => ui.shown);
  return { document: shown ?? draft, readOnly: locked || shown !== null };
}

/** Such as a port that leads nowhere, or a loop without a wait. */
export function OtherProblems({ problems }: { problems: readonly Problem[] }) {
  const words = useWords();
  const left = problems.filter((one) => !one.field && typeof one.parameters.field !== "string");
  if (left.length === 0) return null;
  return (
    <ul className="in-problems" aria-label={words("inspector.problems")}>
      {left.map((one) => (
        <li key={one.code + one.message} data-severity={one.severity}>
          {say(one.text)}
        </li>
      ))}
    </ul>
  );
}
