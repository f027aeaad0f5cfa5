/** Kind and meaning of a step, its title, its stage, its id. */

import { CircleHelp, Copy, Trash2 } from "lucide-react";
import { useState } from "react";
import { remove } from "@/board/actions";
import { duplicateSelected } from "@/board/clipboard";
import { useStepTypes } from "@/document/step-types";
import { useDraft } from "@/document/draft";
import { ENTRY, type LocalText, type Stage, type StepNode, STAGES, type StepType } from "@/document/types";
import { NamedIcon } from "@/ui/icon";
import { useUi } from "@/ui/state";
import { inLocale, say, useWords } from "@/words";
import { LocalTextInput, Select } from "@/forms/controls";
import { FieldFrame } from "@/forms/field-frame";
import { useFormContext } from "@/forms/context";
import { useSettled } from "./name-fields";
import { asLocal } from "@/forms/paths";
import { renameStep, STEP_ID } from "./rename";
import type { Schema } from "@/forms/schema";

export function StepHeader({ step, type }: { step: StepNode; type: StepType | undefined }) {
  const words = useWords();
  const { readOnly } = useFormContext();
  const [helps, setHelps] = useState(false);
  const kind = type ? say(type.title) : step.kind;
  return (
    <header className="in-head" data-stage={step.stage ?? "none"}>
      <div className="in-head-row">
        <span className="in-kind-icon">{type ? <NamedIcon name={type.icon} /> : null}</span>
        <h2>
          {inLocale(asLocal(step.label), kind)}
          {inLocale(asLocal(step.label)) ? <small>{kind}</small> : null}
        </h2>
        {type ? (
          <button
            type="button"
            className="in-icon"
            aria-expanded={helps}
            aria-label={words("inspector.help")}
            title={words("inspector.help")}
            onClick={() => setHelps(!helps)}
          >
            <CircleHelp aria-hidden size={16} />
          </button>
        ) : null}
        {readOnly ? null : (
          <>
            <button
              type="button"
              className="in-icon"
              aria-label={words("inspector.duplicate")}
              title={words("inspector.duplicate")}
              onClick={duplicateSelected}
            >
              <Copy aria-hidden size={16} />
            </button>
            <button
              type="button"
              className="in-icon"
              aria-label={words("inspector.delete_step")}
              title={words("inspector.delete_step")}
              onClick={() => remove([step.id])}
            >
              <Trash2 aria-hidden size={16} />
            </button>
          </>
        )}
      </div>
      {type ? <p className="in-meaning">{say(helps ? type.help : type.meaning)}</p> : null}
    </header>
  );
}

/** Title and stage, which steps of every kind have. */
export function StepBasics({
  step,
  type,
  change,
}: {
  step: StepNode;
  type: StepType | undefined;
  change: (change: Partial<StepNode>) => void;
}) {
  const words = useWords();
  const { readOnly } = useFormContext();
  return (
    <div className="in-basics">
      <FieldFrame label={words("inspector.title")}>
        {(control) => (
          <LocalTextInput
            control={control}
            label={words("inspector.title")}
            readOnly={readOnly}
            placeholder={type ? say(type.title) : ""}
            value={asLocal(step.label)}
            change={(label: LocalText) => change({ label })}
          />
        )}
      </FieldFrame>
      <FieldFrame label={words("inspector.stage")}>
        {(control) => (
          <Select
            control={control}
            readOnly={readOnly}
            value={step.stage ?? ""}
            empty={words("inspector.no_stage")}
            options={STAGES.map((stage) => ({ value: stage, label: words(`stage.${stage}`) }))}
            change={(stage) => change({ stage: stage === "" ? null : (stage as Stage) })}
          />
        )}
      </FieldFrame>
    </div>
  );
}

/** The id, to which edges, reports and files refer. */
export function StepIdSetting({ step }: { step: StepNode }) {
  const words = useWords();
  const { readOnly } = useFormContext();
  const [wrong, setWrong] = useState<string | null>(null);
  const id = useSettled(step.id, (typed) => {
    const next = typed.trim();
    const draft = useDraft.getState();
    const taken = next === ENTRY || draft.document.steps.some((one) => one.id === next);
    if (taken || !STEP_ID.test(next)) return setWrong(words(taken ? "inspector.id_taken" : "inspector.id_rule", { id: next }));
    setWrong(null);
    const types = useStepTypes.getState().types;
    draft.edit((document) => renameStep(document, step.id, next, (kind) => types[kind]?.schema as Schema | undefined));
    useUi.getState().select([next]);
  });
  return (
    <FieldFrame
      label={words("inspector.id")}
      help={words("inspector.id_help")}
      problems={wrong ? [{ text: wrong, severity: "error" }] : []}
    >
      {(control) => (
        <input
          {...control}
          className="in-mono"
          readOnly={readOnly}
          value={id.text}
          onChange={(event) => id.put(event.target.value)}
          onBlur={id.settle}
          onKeyDown={(event) => event.key === "Enter" && id.settle()}
        />
      )}
    </FieldFrame>
  );
}
