/** A form out of a schema: which control a field gets follows from its shape, and from `x-editor` where that says little. */

import { ChevronDown, ChevronUp, Plus, Trash2 } from "lucide-react";
import { Fragment, useId } from "react";
import type { Json, JsonObject } from "@/document/types";
import { say, useWords } from "@/words";
import { Check, Choices, DurationInput, NumberInput, optionsOf, Select, TextInput } from "./controls";
import { FIELD_EDITORS } from "./editors";
import { FieldFrame, useFieldWords } from "./field-frame";
import { type FieldProps, PlaceContext, usePlace } from "./form-place";
import { isObject, moved, withMember } from "./paths";
import { asVariant, fieldsOf, initial, initialObject, type Schema, type Shape, shapeOf } from "./schema";
import { MapField } from "./map-field";
import { ValueControl } from "./value-control";
import { isWay, WayList } from "./way-list";

/** One field with its label, help and problems. */
export function SchemaField(props: FieldProps) {
  const shape = shapeOf(props.schema, props.root);
  const Editor = FIELD_EDITORS[shape.schema["x-editor"] ?? ""];
  if (Editor) return <Editor {...props} schema={shape.schema} optional={shape.optional} />;
  return <ShapeField {...props} shape={shape} />;
}

type Shaped = FieldProps & { shape: Shape };

function ShapeField(props: Shaped) {
  const { shape, root, path, value, change } = props;
  switch (shape.is) {
    case "object":
      return <ObjectField {...props} />;
    case "variants":
      return <VariantsField {...props} />;
    case "list":
      return isWay(shape.item) ? <WayList {...props} item={shape.item} schema={shape.schema} /> : <ListField {...props} />;
    case "map":
      return <MapField {...props} schema={shape.schema} member={shape.value} root={root} path={path} value={value} change={change} />;
    case "boolean":
      return <BooleanField {...props} schema={shape.schema} />;
    case "fixed":
    case "unknown":
      return null;
    default:
      return <PlainField {...props} />;
  }
}

/** What a colour has to match: the browser has a control for those. */
const COLOUR = "^#[0-9A-Fa-f]{6}$";

/** Fields that are one control. */
function PlainField({ shape, path, value, change, label: own, root }: Shaped) {
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

/** An instant as the browser's own field shows it, on the reader's clock. */
export function toLocal(instant: string): string {
  const at = new Date(instant);
  if (instant === "" || Number.isNaN(at.getTime())) return "";
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
export const fromLocal = (local: string): string => (local === "" ? "" : new Date(local).toISOString());

function BooleanField({ schema, path, value, change, label: own }: FieldProps) {
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

/** All fields of an object, those rarely needed folded away. `skip`: drawn by somebody else. */
export function Fields({ schema, root, path, value, change, skip = [] }: FieldProps & { skip?: readonly string[] }) {
  const words = useWords();
  const place = usePlace();
  const given: JsonObject = isObject(value) ? value : {};
  const fields = fieldsOf(schema, root).filter((field) => !skip.includes(field.name));
  const event = fields.find((field) => shapeOf(field.schema, root).schema["x-editor"] === "event_name");
  const named = event ? given[event.name] : undefined;
  const scope = typeof named === "string" && named !== "" ? { ...place, events: [named] } : place;
  const draw = (field: (typeof fields)[number]) => (
    <SchemaField
      key={field.name}
      schema={field.schema}
      root={root}
      path={[...path, field.name]}
      value={given[field.name]}
      change={(next) => change(withMember(given, field.name, next))}
      required={field.required}
      beside={{ schema, value }}
    />
  );
  const isAdvanced = (field: (typeof fields)[number]): boolean => shapeOf(field.schema, root).schema["x-advanced"] === true;
  const rare = fields.filter(isAdvanced);
  return (
    <PlaceContext.Provider value={scope}>
      {fields.filter((field) => !isAdvanced(field)).map(draw)}
      {rare.length > 0 ? (
        <details className="in-more">
          <summary>{words("inspector.more")}</summary>
          {rare.map(draw)}
        </details>
      ) : null}
    </PlaceContext.Provider>
  );
}

function ObjectField(props: Shaped) {
  const { shape, root, path, value, change, label: own } = props;
  const words = useFieldWords({ schema: shape.schema, path, ...(own ? { label: own } : {}) });
  if (path.length === 0 || !shape.schema["x-label"]) return <Fields {...props} schema={shape.schema} />;
  return (
    <FieldFrame {...words} group>
      {() => <Fields schema={shape.schema} root={root} path={path} value={value} change={change} />}
    </FieldFrame>
  );
}

/** A union: which of its forms, and the fields of that form. */
function VariantsField({ shape, root, path, value, change, label: own }: Shaped) {
  const words = useFieldWords({ schema: shape.schema, path, ...(own ? { label: own } : {}) });
  if (shape.is !== "variants") return null;
  const given: JsonObject = isObject(value) ? value : {};
  const tag = String(given[shape.by] ?? "");
  const variant = shape.variants.find((one) => one.tag === tag);
  const options = shape.variants.map((one) => ({ value: one.tag, label: one.schema["x-label"] ? say(one.schema["x-label"]) : one.tag }));
  return (
    <>
      <FieldFrame {...words} hideLabel={typeof path.at(-1) === "number"}>
        {(control) => (
          <Select
            control={control}
            readOnly={words.readOnly}
            options={options}
            value={tag}
            {...(shape.optional ? { empty: "–" } : {})}
            change={(next) => {
              const chosen = shape.variants.find((one) => one.tag === next);
              change(chosen ? asVariant(given, chosen, root) : null);
            }}
          />
        )}
      </FieldFrame>
      {variant ? <Fields schema={variant.schema} root={root} path={path} value={given} change={change} /> : null}
    </>
  );
}

/** What a new entry of a list starts with. */
export const newItem = (schema: Schema, item: Schema, root: Schema): Json =>
  schema["x-new"] !== undefined ? structuredClone(schema["x-new"]) : item.properties ? initialObject(item, root) : initial(item, root);

function ListField({ shape, root, path, value, change, label: own }: Shaped) {
  const words = useWords();
  const field = useFieldWords({ schema: shape.schema, path, ...(own ? { label: own } : {}) });
  if (shape.is !== "list") return null;
  const items: Json[] = Array.isArray(value) ? value : [];
  const what = shape.schema["x-item"] ? say(shape.schema["x-item"]) : field.label;
  const full = shape.schema.maxItems !== undefined && items.length >= shape.schema.maxItems;
  return (
    <FieldFrame {...field} group>
      {() => (
        <>
          {items.map((item, n) => (
            <ItemCard
              key={n}
              title={items.length > 1 || shape.item.properties || shape.item.oneOf ? `${what} ${n + 1}` : what}
              first={n === 0}
              last={n === items.length - 1}
              move={(by) => change(moved(items, n, n + by))}
              remove={() => change(items.filter((_, m) => m !== n))}
            >
              <SchemaField
                schema={withoutLabel(shape.item)}
                label={what}
                root={root}
                path={[...path, n]}
                value={item}
                change={(next) => change(items.map((old, m) => (m === n ? (next ?? null) : old)))}
              />
            </ItemCard>
          ))}
          {field.readOnly || full ? null : (
            <button type="button" className="in-add" onClick={() => change([...items, newItem(shape.schema, shape.item, root)])}>
              <Plus aria-hidden size={14} />
              {words("inspector.add", { what: what.toLowerCase() })}
            </button>
          )}
        </>
      )}
    </FieldFrame>
  );
}

const withoutLabel = (schema: Schema): Schema => (schema.properties ? { ...schema, "x-label": undefined } : schema);

/** One entry of a list, with buttons that move and delete it. */
export function ItemCard({
  title,
  first,
  last,
  move,
  remove,
  children,
}: {
  title: React.ReactNode;
  first: boolean;
  last: boolean;
  move?: (by: 1 | -1) => void;
  remove?: (() => void) | undefined;
  children: React.ReactNode;
}) {
  const words = useWords();
  const { readOnly } = usePlace();
  const id = useId();
  return (
    <div className="in-card" role="group" aria-labelledby={id}>
      <div className="in-card-head">
        <strong id={id}>{title}</strong>
        {readOnly ? null : (
          <span className="in-card-tools">
            {move && !(first && last) ? (
              <Fragment>
                <button
                  type="button"
                  className="in-icon"
                  disabled={first}
                  aria-label={words("inspector.up")}
                  title={words("inspector.up")}
                  onClick={() => move(-1)}
                >
                  <ChevronUp aria-hidden size={14} />
                </button>
                <button
                  type="button"
                  className="in-icon"
                  disabled={last}
                  aria-label={words("inspector.down")}
                  title={words("inspector.down")}
                  onClick={() => move(1)}
                >
                  <ChevronDown aria-hidden size={14} />
                </button>
              </Fragment>
            ) : null}
            {remove ? (
              <button
                type="button"
                className="in-icon"
                aria-label={words("inspector.remove")}
                title={words("inspector.remove")}
                onClick={remove}
              >
                <Trash2 aria-hidden size={14} />
              </button>
            ) : null}
          </span>
        )}
      </div>
      {children}
    </div>
  );
}
