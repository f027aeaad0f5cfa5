/** Fields that are one control: text, numbers, choices, times. */

import { Check, Choices, DurationInput, NumberInput, optionsOf, Select, TextInput } from "./controls";
import type { FieldProps } from "./context";
import { FieldFrame, useFieldWords } from "./field-frame";
import type { Shape } from "./schema";
import { ValueControl } from "./value-control";

/** The pattern of colours, for which the browser has a control. */
const COLOUR = "^#[0-9A-Fa-f]{6}$";

/** Fields that are one control. */
export function PlainField({ shape, path, value, change, label: own, root }: FieldProps & { shape: Shape }) {
  const { schema, optional } = shape;
  const words = useFieldWords({ schema, path, ...(own ? { label: own } : {}) });
  const { readOnly, label } = words;
  const text =
    typeof value === "string"
      ? value
      : typeof (schema.default ?? "") === "string" && value === undefined
        ? String(schema.default ?? "")
        : "";
  const put = (next: string): void => change(next === "" && optional ? null : next);
  const isGroup = shape.is === "choices" || shape.is === "scalar";
  return (
    <FieldFrame {...words} group={isGroup}>
      {(control) => {
        const common = { control, readOnly };
        switch (shape.is) {
          case "choice": {
            const chosen = value === undefined ? String(schema.default ?? "") : String(value ?? "");
            const none = optional ? { empty: "–" } : {};
            return <Select {...common} {...none} value={chosen} change={put} options={optionsOf(shape.options, schema["x-options"])} />;
          }
          case "choices":
            return (
              <Choices
                readOnly={readOnly}
                label={label}
                value={Array.isArray(value) ? value.map(String) : []}
                change={change}
                options={optionsOf(shape.options, schema["x-options"])}
              />
            );
          case "number":
          case "integer": {
            const amount =
              typeof value === "number" ? value : value === undefined && typeof schema.default === "number" ? schema.default : null;
            return (
              <NumberInput
                {...common}
                value={amount}
                change={change}
                minimum={schema.minimum}
                maximum={schema.maximum}
                whole={shape.is === "integer"}
              />
            );
          }
          case "duration":
            return (
              <DurationInput
                {...common}
                label={label}
                optional={optional}
                value={text === "" ? null : text}
                change={(next) => change(next ?? (optional ? null : ""))}
              />
            );
          case "time":
            return <TextInput {...common} type="time" value={text.slice(0, 5)} change={put} />;
          case "date":
            return <TextInput {...common} type="date" value={text.slice(0, 10)} change={put} />;
          case "instant":
            return <TextInput {...common} type="datetime-local" value={toLocal(text)} change={(next) => put(fromLocal(next))} />;
          case "scalar":
            return <ValueControl readOnly={readOnly} label={label} schema={schema} root={root} value={value ?? null} change={change} />;
          default:
            return <TextInput {...common} value={text} change={put} {...(schema.pattern === COLOUR ? { type: "color" } : {})} />;
        }
      }}
    </FieldFrame>
  );
}

/** An instant for the browser's own field, in the reader's time zone. */
function toLocal(instant: string): string {
  const at = new Date(instant);
  if (instant === "" || Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
const fromLocal = (local: string): string => (local === "" ? "" : new Date(local).toISOString());

export function BooleanField({ schema, path, value, change, label: own }: FieldProps) {
  const words = useFieldWords({ schema, path, ...(own ? { label: own } : {}) });
  return (
    <div className="in-check">
      <FieldFrame {...words}>
        {(control) => (
          <Check
            control={control}
            readOnly={words.readOnly}
            value={value === undefined ? schema.default === true : value === true}
            change={change}
          />
        )}
      </FieldFrame>
    </div>
  );
}
