/** A segment's condition in its form: the editor of conditions, and what it comes to now. */

import { Tooltip } from "radix-ui";
import { useMemo, useState } from "react";
import { ConditionTree } from "@/conditions/editor";
import type { Json, JsonObject } from "@/document/types";
import { FormContext, type FormScope } from "@/forms/context";
import { EditorsContext } from "@/forms/editors";
import { EDITORS } from "@/inspector/editors";
import { usePreview } from "@/previews/use-preview";
import { Emphasised } from "@/ui/emphasised";
import { number, say, useWords } from "@/words";
import "@/inspector/panel.css";

const SCOPE: FormScope = { step: null, readOnly: false, problems: [], events: [] };

export function SegmentCondition({ segment, field }: { segment: string; field: HTMLTextAreaElement }) {
  const words = useWords();
  const [condition, setCondition] = useState<Json>(() => read(field.value));
  const change = (next: JsonObject | null): void => {
    field.value = JSON.stringify(next);
    setCondition(next);
  };
  const scope = useMemo(() => SCOPE, []);
  return (
    <Tooltip.Provider delayDuration={400}>
      <EditorsContext.Provider value={EDITORS}>
        <FormContext.Provider value={scope}>
          <div className="in-condition-field">
            <ConditionTree value={condition} change={change} optional={false} onlyEvent={false} onlyCustomer label={words("segment.who")} />
          </div>
          <Estimate condition={condition} segment={segment} />
        </FormContext.Provider>
      </EditorsContext.Provider>
    </Tooltip.Provider>
  );
}

function read(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** The condition in words, how many meet it now, and some of them. */
function Estimate({ condition, segment }: { condition: Json; segment: string }) {
  const words = useWords();
  const asked = condition === null ? null : { condition, key: segment || null };
  const { data, pending } = usePreview("/api/segments/estimate", asked);
  if (!data) return null;
  return (
    <div className="segment-estimate" aria-live="polite" data-pending={pending || undefined}>
      {data.text ? <Emphasised text={say(data.text)} /> : <span className="in-faint">{words("condition.unfinished")}</span>}
      {data.problems.map((one) => (
        <span key={one.code} className="in-wrong">
          {one.message}
        </span>
      ))}
      {data.too_slow ? <span className="in-faint">{words("condition.too_slow")}</span> : null}
      {data.customers === null ? null : (
        <strong>{words("segment.estimate", { customers: number(data.customers), of: number(data.of) })}</strong>
      )}
      {data.sample.length > 0 ? (
        <span className="in-faint">
          {words("segment.sample")}{" "}
          {data.sample.map((one, n) => (
            <span key={one.customer}>
              {n > 0 ? ", " : ""}
              <a href={`/customers/${one.customer}`} target="_blank" rel="noreferrer">
                {one.called || words("segment.unnamed")}
              </a>
            </span>
          ))}
        </span>
      ) : null}
    </div>
  );
}
