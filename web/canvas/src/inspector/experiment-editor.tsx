/** Arms and how customers are shared among them: bars that are pulled, percent that add up. */

import { Equal, Plus } from "lucide-react";
import { inLocale, say, useWords } from "@/words";
import { NumberInput } from "./controls";
import type { StepEditorProps } from "./editors";
import { FieldFrame, useFieldWords } from "./field-frame";
import { Fields, ItemCard } from "./form";
import { useGesture, usePlace } from "./form-place";
import { isObject, withMember } from "./paths";
import { equalWeights } from "./ports";
import { resolve, type Schema } from "./schema";
import { useWays, WayLabel } from "./way-list";

const ARMS = "variants";
const WEIGHT = "weight";

export function ExperimentEditor({ step, root, change }: StepEditorProps) {
  const words = useWords();
  const schema: Schema = root.properties?.[ARMS] ?? {};
  const item = resolve(schema.items ?? {}, root);
  const path = ["settings", ARMS];
  const ways = useWays({
    schema,
    item,
    root,
    path,
    value: step.settings[ARMS],
    change: (next) => change(withMember(step.settings, ARMS, next)),
  });
  const field = useFieldWords({ schema, path });
  const what = schema["x-item"] ? say(schema["x-item"]) : field.label;
  const weights = ways.items.map((arm) => (typeof arm[WEIGHT] === "number" ? arm[WEIGHT] : 0));
  const sum = weights.reduce((total, one) => total + one, 0);
  const equalise = (): void => {
    const equal = equalWeights(ways.items.length);
    change(
      withMember(
        step.settings,
        ARMS,
        ways.items.map((arm, n) => ({ ...arm, [WEIGHT]: equal[n] ?? 0 })),
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
            <Shares names={ways.items.map((_, n) => inLocale(ways.label(n), `${what} ${n + 1}`))} weights={weights} />
            {ways.items.map((arm, n) => (
              <ItemCard
                key={n}
                title={
                  <>
                    <span className="in-swatch" data-arm={n % 6} />
                    {inLocale(ways.label(n), `${what} ${n + 1}`)}
                  </>
                }
                first={n === 0}
                last={n === ways.items.length - 1}
                remove={ways.items.length > (schema.minItems ?? 2) ? () => ways.remove(n) : undefined}
              >
                <WayLabel ways={ways} n={n} item={item} />
                <Weight
                  schema={item.properties?.[WEIGHT] ?? {}}
                  path={[...path, n, WEIGHT]}
                  value={weights[n] ?? 0}
                  sum={sum}
                  change={(weight) => ways.put(n, { ...arm, [WEIGHT]: weight })}
                />
                <Fields
                  schema={item}
                  root={root}
                  path={[...path, n]}
                  value={arm}
                  change={(next) => ways.put(n, isObject(next) ? next : {})}
                  skip={[WEIGHT, ways.labelName ?? ""]}
                />
              </ItemCard>
            ))}
            {field.readOnly ? null : (
              <div className="in-adds">
                <button
                  type="button"
                  className="in-add"
                  onClick={() => ways.add({ [WEIGHT]: Math.round(sum / Math.max(1, weights.length)) || 50 })}
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
  const told = names.map((name, n) => `${name} ${share(weights[n] ?? 0, sum)}`).join(", ");
  return (
    <>
      <div className="in-shares" role="img" aria-label={told}>
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
  const { readOnly } = usePlace();
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
