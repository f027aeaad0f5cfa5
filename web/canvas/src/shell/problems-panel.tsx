import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useDescribed } from "@/document/described";
import { useDraft, useSync } from "@/document/draft";
import { ENTRY, type Problem } from "@/document/types";
import { NOTHING, useUi } from "@/ui/state";
import { say, useWords } from "@/words";
import { titleOf } from "@/document/titles";
import { openPublish } from "@/publish/open";
import { Emphasised } from "@/ui/emphasised";
import "./problems-panel.css";

/** All problems of the draft, errors first; each leads to its step. */
export function ProblemsPanel() {
  const words = useWords();
  const problems = useDescribed((state) => state.described.problems);
  const refused = useDescribed((state) => state.refused);
  const readOnly = useSync((sync) => sync.readOnly);
  const steps = useDraft((state) => state.document.steps);
  if (refused) {
    return (
      <p className="notice">
        <CircleAlert aria-hidden="true" />
        <span>{refused.message}</span>
      </p>
    );
  }
  if (problems.length === 0) {
    return (
      <div className="panel-empty">
        <CircleCheck aria-hidden="true" />
        <strong>{words("problem.none")}</strong>
        <p>{words("problem.none_what")}</p>
        {readOnly ? null : (
          <button type="button" className="button primary" onClick={() => void openPublish()}>
            {words("publish.publish")}
          </button>
        )}
      </div>
    );
  }
  const ordered = [...problems].sort((a, b) => Number(b.severity === "error") - Number(a.severity === "error"));
  const nameOf = (problem: Problem): string => {
    const step = steps.find((one) => one.id === problem.step);
    return step ? titleOf(step) : words("problem.journey");
  };
  return (
    <ul className="problem-list">
      {ordered.map((problem, n) => (
        <li key={n}>
          <button type="button" className={problem.severity} onClick={() => lead(problem)}>
            {problem.severity === "error" ? <CircleAlert aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
            <span>
              <strong>{nameOf(problem)}</strong>
              <span className="hidden">{words(`problem.${problem.severity}`)}</span>
              <span>
                <Emphasised text={say(problem.text)} />
              </span>
            </span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function lead({ step }: Problem): void {
  const id = step ?? ENTRY;
  useUi.getState().set({ selection: { ...NOTHING, steps: [id] }, focus: id, panel: null });
}
