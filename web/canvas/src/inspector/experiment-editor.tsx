/** The arms of an experiment, and the shares of customers that they get. */

import { Equal, Plus } from "lucide-react";
import { useId } from "react";
import { inLocale, say, useWords } from "@/words";
import { NumberInput } from "@/forms/controls";
import type { StepEditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { Fields } from "@/forms/fields";
import { ItemCard } from "@/forms/item-card";
import { useGesture, useFormContext } from "@/forms/context";
import { isObject, withMember } from "@/forms/paths";
import { equalWeights } from "./ports";
import { resolve, type Schema } from "@/forms/schema";
import { usePortItems, PortLabel } from "./port-list";
import "./experiment-editor.css";

const ARMS = "variants";
const WEIGHT = "weight";
const CONTROL = "control";

export function ExperimentEditor({ step, root, change }: StepEditorProps) {
  const words = useWords();
  const schema: Schema = root.properties?.[ARMS] ?? {};
  const item = resolve(schema.items ?? {}, root);
  const path = ["settings", ARMS];
  const ports = usePortItems({
    schema,
    item,
    root,
    path,
    value: step.settings[ARMS],
    change: (next) => change(withMember(step.settings, ARMS, next)),
  });
  const field = useFieldWords({ schema, path });
  const what = schema["x-item"] ? say(schema["x-item"]) : field.label;
  const weights = ports.items.map((arm) => (typeof arm[WEIGHT] === "number" ? arm[WEIGHT] : 0));
  const sum = weights.reduce((total, one) => total + one, 0);
  const id = useId();
  /** One arm is the control; choosing another takes it from the one before. */
  const choose = (at: number): void =>
    change(
      withMember(
        step.settings,
        ARMS,
        ports.items.map((arm, n) => (n === at ? { ...arm, [CONTROL]: true } : withMember(arm, CONTROL, undefined))),
      ),
    );
  const equalise = (): void => {
    const equal = equalWeights(ports.items.length);
    change(
      withMember(
        step.settings,
        ARMS,
        ports.items.map((arm, n) => ({ ...arm, [WEIGHT]: equal[n] ?? 0 })),
      ),
    );
  };
  return (
    <>
      <Fields
        schema={root}
        root={root}
        path={["settings"]}
        value={step.settings}
        change={(next) => change(isObject(next) ? next : {})}
        skip={[ARMS]}
      />
      <FieldFrame {...field} group>
        {() => (
          <>
            <Shares names={ports.items.map((_, n) => inLocale(ports.label(n), `${what} ${n + 1}`))} weights={weights} />
            {ports.items.map((arm, n) => (
              <ItemCard
                key={n}
                title={
                  <>
                    <span className="in-swatch" data-arm={n % 6} />
                    {inLocale(ports.label(n), `${what} ${n + 1}`)}
                  </>
                }
                first={n === 0}
                last={n === ports.items.length - 1}
                remove={ports.items.length > (schema.minItems ?? 2) ? () => ports.remove(n) : undefined}
              >
                <PortLabel ports={ports} n={n} item={item} />
                <Weight
                  schema={item.properties?.[WEIGHT] ?? {}}
                  path={[...path, n, WEIGHT]}
                  value={weights[n] ?? 0}
                  sum={sum}
                  change={(weight) => ports.put(n, { ...arm, [WEIGHT]: weight })}
                />
                <Fields
                  schema={item}
                  root={root}
                  path={[...path, n]}
                  value={arm}
                  change={(next) => ports.put(n, isObject(next) ? next : {})}
                  skip={[WEIGHT, CONTROL, ports.labelName ?? ""]}
                />
                <label className="in-control">
                  <input type="radio" name={`${id}-control`} checked={arm[CONTROL] === true} disabled={field.readOnly} onChange={() => choose(n)} />
                  <span>
                    {words("experiment.control")}
                    <span className="in-faint">{words("experiment.control_what")}</span>
                  </span>
                </label>
              </ItemCard>
            ))}
            {field.readOnly ? null : (
              <div className="in-adds">
                <button
                  type="button"
                  className="in-add"
                  onClick={() => ports.add({ [WEIGHT]: Math.round(sum / Math.max(1, weights.length)) || 50 })}
                >
                  <Plus aria-hidden size={14} />
                  {words("inspector.add", { what: what.toLowerCase() })}
                </button>
                <button type="button" className="in-add" onClick={equalise}>
                  <Equal aria-hidden size={14} />
                  {words("experiment.equalise")}
                </button>
              </div>
            )}
          </>
        )}
      </FieldFrame>
    </>
  );
}

const share = (weight: number, sum: number): string => (sum > 0 ? `${Math.round((1000 * weight) / sum) / 10}%` : "–");

/** All arms in one bar. */
function Shares({ names, weights }: { names: string[]; weights: number[] }) {
  const words = useWords();
  const sum = weights.reduce((total, one) => total + one, 0);
  const description = names.map((name, n) => `${name} ${share(weights[n] ?? 0, sum)}`).join(", ");
  return (
    <>
      <div className="in-shares" role="img" aria-label={description}>
        {weights.map((weight, n) => (
          <i key={n} data-arm={n % 6} style={{ flexGrow: weight }} title={`${names[n] ?? ""} ${share(weight, sum)}`} />
        ))}
      </div>
      <p className={sum > 0 ? "in-help" : "in-wrong"}>
        {words(sum === 100 ? "experiment.sum_100" : sum > 0 ? "experiment.sum" : "experiment.sum_0", { sum })}
      </p>
    </>
  );
}

function Weight({
  schema,
  path,
  value,
  sum,
  change,
}: {
  schema: Schema;
  path: (string | number)[];
  value: number;
  sum: number;
  change: (weight: number) => void;
}) {
  const gesture = useGesture();
  const { readOnly } = useFormContext();
  const words = useFieldWords({ schema, path });
  return (
    <FieldFrame {...words} help={undefined}>
      {(control) => (
        <span className="in-weight">
          <input
            type="range"
            aria-label={words.label}
            disabled={readOnly}
            min={0}
            max={Math.max(100, value)}
            value={value}
            {...gesture}
            onChange={(event) => change(event.target.valueAsNumber)}
          />
          <NumberInput
            control={control}
            readOnly={readOnly}
            whole
            minimum={0}
            maximum={schema.maximum}
            value={value}
            change={(next) => change(Math.max(0, Math.round(next ?? 0)))}
          />
          <output>{share(value, sum)}</output>
        </span>
      )}
    </FieldFrame>
  );
}
