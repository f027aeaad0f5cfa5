/** The panel of the selected step: a form made from the schema of its kind. */

import { type KeyboardEvent, useMemo } from "react";
import { redo, undo } from "@/board/actions";
import { changeStep } from "@/document/edit";
import { useDescribed } from "@/document/described";
import { useStepTypes } from "@/document/step-types";
import { useDraft } from "@/document/draft";
import type { JsonObject, Problem, StepNode } from "@/document/types";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import { useBuffered } from "@/forms/buffered";
import { OtherProblems, useEditing } from "./editing";
import { EDITORS, STEP_EDITORS } from "./editors";
import { EditorsContext } from "@/forms/editors";
import { SchemaField } from "@/forms/fields";
import { type FormScope, FormContext } from "@/forms/context";
import { Guard } from "@/forms/guard";
import { JourneySettings } from "./journey-settings";
import { isObject } from "@/forms/paths";
import { useWide } from "@/forms/wide-button";
import type { Schema } from "@/forms/schema";
import { StepBasics, StepHeader, StepIdSetting } from "./step-header";
import "./panel.css";

const NONE: Problem[] = [];

/** The settings of the selected step; with nothing selected, those of the journey. */
export function Inspector() {
  const words = useWords();
  const wide = useWide((state) => state.wide);
  const { document, readOnly } = useEditing();
  const selected = useUi((ui) => ui.selection.steps);
  const step = selected.length === 1 ? document.steps.find((one) => one.id === selected[0]) : undefined;
  return (
    <EditorsContext.Provider value={EDITORS}>
      <section className="inspector" aria-label={words("inspector.label")} data-wide={wide || undefined} onKeyDown={undoChoice}>
        {step ? (
          <Guard key={step.id}>
            <StepForm step={step} readOnly={readOnly} />
          </Guard>
        ) : selected.length > 1 ? (
          <Many count={selected.length} />
        ) : (
          <Guard>
            <JourneySettings />
          </Guard>
        )}
      </section>
    </EditorsContext.Provider>
  );
}

/** Text fields have their own undo; for selects and checkboxes it is the canvas's. */
function undoChoice(event: KeyboardEvent): void {
  const key = event.key.toLowerCase();
  if (!(event.ctrlKey || event.metaKey) || (key !== "z" && key !== "y")) return;
  if (!(event.target instanceof Element) || !event.target.matches('select, input[type="checkbox"]')) return;
  event.preventDefault();
  if (key === "y" || event.shiftKey) redo();
  else undo();
}

function Many({ count }: { count: number }) {
  const words = useWords();
  return (
    <div className="in-body">
      <p className="in-faint">{words("inspector.many", { count })}</p>
    </div>
  );
}

function StepForm({ step: kept, readOnly }: { step: StepNode; readOnly: boolean }) {
  const words = useWords();
  const type = useStepTypes((state) => state.types[kept.kind]);
  const problems = useDescribed((state) => state.byStep[kept.id]) ?? NONE;
  const place: FormScope = useMemo(() => ({ step: kept.id, readOnly, problems, events: [] }), [kept.id, readOnly, problems]);
  const [step, change] = useBuffered(kept, (change) =>
    useDraft
      .getState()
      .edit((document) => (document.steps.some((one) => one.id === kept.id) ? changeStep(document, kept.id, change) : document)),
  );
  const settings = (next: JsonObject): void => change({ settings: next });
  const root = type?.schema as Schema | undefined;
  const Editor = STEP_EDITORS[step.kind];
  return (
    <FormContext.Provider value={place}>
      <StepHeader step={step} type={type} />
      <div className="in-body">
        <OtherProblems problems={problems} />
        <StepBasics step={step} type={type} change={change} />
        <div className="in-settings">
          {!type || !root ? (
            <p className="in-faint">{words("inspector.unknown_kind", { kind: step.kind })}</p>
          ) : Editor ? (
            <Editor step={step} type={type} root={root} change={settings} />
          ) : (
            <SchemaField
              schema={root}
              root={root}
              path={["settings"]}
              value={step.settings}
              change={(next) => settings(isObject(next) ? next : {})}
            />
          )}
        </div>
        <details className="in-more">
          <summary>{words("inspector.advanced")}</summary>
          <StepIdSetting step={step} />
        </details>
      </div>
    </FormContext.Provider>
  );
}
