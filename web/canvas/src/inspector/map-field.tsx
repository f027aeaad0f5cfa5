/** Values by names that their author chooses: properties of an event, variables of a journey. */

import { Plus, Trash2 } from "lucide-react";
import type { Json, JsonObject } from "@/document/types";
import { useWords } from "@/words";
import { TextInput } from "./controls";
import { FieldFrame, useFieldWords } from "./field-frame";
import { SchemaField } from "./form";
import type { FieldProps } from "./form-place";
import { isObject, type Path, withMember } from "./paths";
import { initial, resolve, type Schema, shapeOf } from "./schema";
import { ValueControl } from "./value-control";

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

