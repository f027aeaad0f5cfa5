/** A form made from a schema: the control of a field follows from its shape, or from its `x-editor`. */

import { Plus, Trash2 } from "lucide-react";
import type { Json, JsonObject } from "@/document/types";
import { say, useWords } from "@/words";
import { type FieldProps, FormContext, useFormContext } from "./context";
import { Select, TextInput } from "./controls";
import { useEditors } from "./editors";
import { FieldFrame, useFieldWords } from "./field-frame";
import { ItemCard } from "./item-card";
import { isObject, moved, type Path, withMember } from "./paths";
import { BooleanField, PlainField } from "./plain-field";
import { asVariant, fieldsOf, initial, isShown, newItem, resolve, type Schema, type Shape, shapeOf } from "./schema";
import { ValueControl } from "./value-control";
import "./folds.css";

/** One field with its label, help and problems. */
export function SchemaField(props: FieldProps) {
  const shape = shapeOf(props.schema, props.root);
  const Editor = useEditors().fields[shape.schema["x-editor"] ?? ""];
  if (Editor) return <Editor {...props} schema={shape.schema} optional={shape.optional} />;
  return <ShapeField {...props} shape={shape} />;
}

type Shaped = FieldProps & { shape: Shape };

function ShapeField(props: Shaped) {
  const { shape, root, path, value, change } = props;
  const { lists } = useEditors();
  switch (shape.is) {
    case "object":
      return <ObjectField {...props} />;
    case "variants":
      return <VariantsField {...props} />;
    case "list": {
      const { item } = shape;
      const own = lists.find((one) => one.fits(item));
      return own ? <own.Editor {...props} item={item} schema={shape.schema} /> : <ListField {...props} />;
    }
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

/** All fields of an object, those rarely needed folded away. `skip`: fields that are drawn elsewhere. */
export function Fields({ schema, root, path, value, change, skip = [] }: FieldProps & { skip?: readonly string[] }) {
  const words = useWords();
  const place = useFormContext();
  const given: JsonObject = isObject(value) ? value : {};
  const fields = fieldsOf(schema, root).filter((field) => !skip.includes(field.name) && isShown(field.schema, given, schema));
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
      changeBeside={(members) => change({ ...given, ...members })}
    />
  );
  const isAdvanced = (field: (typeof fields)[number]): boolean => shapeOf(field.schema, root).schema["x-advanced"] === true;
  const rare = fields.filter(isAdvanced);
  return (
    <FormContext.Provider value={scope}>
      {fields.filter((field) => !isAdvanced(field)).map(draw)}
      {rare.length > 0 ? (
        <details className="in-more">
          <summary>{words("inspector.more")}</summary>
          {rare.map(draw)}
        </details>
      ) : null}
    </FormContext.Provider>
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

/** A union: the choice of a variant, and its fields. */
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

/** Values by names that their author chooses: properties of an event, variables of a journey. */
export function MapField({ schema, member, root, path, value, change, label: own }: FieldProps & { member: Schema }) {
  const words = useWords();
  const field = useFieldWords({ schema, path, ...(own ? { label: own } : {}) });
  const given: JsonObject = isObject(value) ? value : {};
  const names = Object.keys(given);
  const renamed = (from: string, to: string): JsonObject =>
    Object.fromEntries(Object.entries(given).map(([name, one]) => [name === from ? to : name, one]));
  return (
    <FieldFrame {...field} group>
      {() => (
        <>
          {names.map((name, n) => (
            <div className="in-pair" key={n}>
              <TextInput
                label={words("inspector.name")}
                placeholder={words("inspector.name")}
                readOnly={field.readOnly}
                value={name}
                change={(next) => (next === name || !(next in given) ? change(renamed(name, next)) : undefined)}
              />
              <MapValue
                member={member}
                root={root}
                path={[...path, name]}
                label={name}
                readOnly={field.readOnly}
                value={given[name] ?? null}
                change={(next) => change({ ...given, [name]: next ?? null })}
              />
              {field.readOnly ? null : (
                <button
                  type="button"
                  className="in-icon"
                  aria-label={`${words("inspector.remove")}: ${name}`}
                  title={words("inspector.remove")}
                  onClick={() => change(withMember(given, name, undefined))}
                >
                  <Trash2 aria-hidden size={14} />
                </button>
              )}
            </div>
          ))}
          {field.readOnly || "" in given ? null : (
            <button type="button" className="in-add" onClick={() => change({ ...given, "": initial(member, root) })}>
              <Plus aria-hidden size={14} />
              {words("inspector.add_value")}
            </button>
          )}
        </>
      )}
    </FieldFrame>
  );
}

function MapValue({
  member,
  root,
  path,
  label,
  readOnly,
  value,
  change,
}: {
  member: Schema;
  root: Schema;
  path: Path;
  label: string;
  readOnly: boolean;
  value: Json;
  change: (value: Json | undefined) => void;
}) {
  const shape = shapeOf(resolve(member, root), root);
  if (shape.is === "scalar")
    return <ValueControl label={label} schema={shape.schema} root={root} readOnly={readOnly} value={value} change={change} />;
  if (shape.is === "text")
    return <TextInput label={label} readOnly={readOnly} value={typeof value === "string" ? value : ""} change={change} />;
  return <SchemaField schema={member} root={root} path={path} label={label} value={value} change={change} />;
}
