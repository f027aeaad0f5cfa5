/** How long to wait, and when that would be over for an example customer. */

import { CalendarClock } from "lucide-react";
import { say, useWords } from "@/words";
import { Emphasised } from "@/ui/emphasised";
import type { StepEditorProps } from "@/forms/editors";
import { ExamplePicker } from "@/previews/example-picker";
import { SchemaField } from "@/forms/fields";
import { isObject } from "@/forms/paths";
import { useExample } from "@/previews/example";
import { usePreview } from "@/previews/use-preview";
import "./delay-editor.css";

export function DelayEditor({ step, root, change }: StepEditorProps) {
  return (
    <>
      <SchemaField
        schema={root}
        root={root}
        path={["settings"]}
        value={step.settings}
        change={(next) => change(isObject(next) ? next : {})}
      />
      <DelayPreview step={step} />
    </>
  );
}

function DelayPreview({ step }: Pick<StepEditorProps, "step">) {
  const words = useWords();
  const customer = useExample((state) => state.customer);
  const { data, problem, pending } = usePreview("/api/previews/delay", {
    settings: step.settings,
    ...(customer ? { customer: { id: customer.id } } : {}),
  });
  return (
    <section className="in-delay-preview" aria-label={words("delay.would")}>
      <p aria-live="polite" data-pending={pending || undefined}>
        <CalendarClock aria-hidden size={14} />
        {data ? <Emphasised text={say(data.text)} /> : <span className="in-faint">{problem ? words("delay.unfinished") : "…"}</span>}
      </p>
      <ExamplePicker />
    </section>
  );
}
