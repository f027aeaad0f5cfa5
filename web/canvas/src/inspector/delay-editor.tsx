/** How long to wait, and when that would be over for somebody. */

import { CalendarClock } from "lucide-react";
import type { Text } from "@/document/types";
import { say, useWords } from "@/words";
import { Phrase } from "@/panels/bits";
import type { StepEditorProps } from "./editors";
import { ExamplePicker } from "./example-picker";
import { SchemaField } from "./form";
import { isObject } from "./paths";
import { useExample, usePreview } from "./preview";

type Would = { until: string | null; text: Text };

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
      <WouldBe step={step} />
    </>
  );
}

function WouldBe({ step }: Pick<StepEditorProps, "step">) {
  const words = useWords();
  const customer = useExample((state) => state.customer);
  const { data, problem, pending } = usePreview<Would>("/api/previews/delay", {
    settings: step.settings,
    ...(customer ? { customer: { id: customer.id } } : {}),
  });
  return (
    <section className="in-would" aria-label={words("delay.would")}>
      <p aria-live="polite" data-pending={pending || undefined}>
        <CalendarClock aria-hidden size={14} />
        {data ? <Phrase text={say(data.text)} /> : <span className="in-faint">{problem ? words("delay.unfinished") : "…"}</span>}
      </p>
      <ExamplePicker />
    </section>
  );
}
