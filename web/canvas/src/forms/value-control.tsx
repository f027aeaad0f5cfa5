/** A value of any type: text, number, boolean, list, or a reference to an event or a variable. */

import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { useDraft } from "@/document/draft";
import { useNames } from "@/document/names";
import { useStepTypes } from "@/document/step-types";
import type { Json, JsonObject } from "@/document/types";
import { say, useWords } from "@/words";
import { Combobox, type Option } from "./combobox";
import { NumberInput, Select, TextInput } from "./controls";
import { useFormContext } from "./context";
import { isObject } from "./paths";
import { isReference, resolve, type Schema } from "./schema";
import "./lists.css";

export type ValueKind = "text" | "number" | "boolean" | "many" | "reference" | "none";

export function kindOf(value: Json | undefined): ValueKind {
  if (typeof value === "number") return "number";
  if (typeof value === "boolean") return "boolean";
  if (Array.isArray(value)) return "many";
  if (isObject(value) && "ref" in value) return "reference";
  return typeof value === "string" ? "text" : "none";
}

const EMPTY: Record<ValueKind, Json> = { text: "", number: 0, boolean: true, many: [], reference: { ref: "entry." }, none: null };

/** The value converted to another kind, as far as possible. */
export function asKind(value: Json | undefined, kind: ValueKind): Json {
  if (kindOf(value) === kind) return value ?? null;
  const only = Array.isArray(value) ? value[0] : value;
  if (kind === "text" && (typeof only === "number" || typeof only === "string")) return String(only);
  if (kind === "number" && typeof only === "string" && only.trim() !== "" && Number.isFinite(Number(only))) return Number(only);
  if (kind === "many") return only === null || only === undefined || only === "" || isObject(only) ? [] : [only];
  return EMPTY[kind];
}

/** Names of the events that let customers into this journey. */
export function entryEvents(entry: JsonObject): string[] {
  const triggers = Array.isArray(entry?.triggers) ? entry.triggers : [];
  return triggers.filter(isObject).flatMap((trigger) => (typeof trigger.event === "string" && trigger.event ? [trigger.event] : []));
}

/** What a reference may point at: properties of the entry event and of the form's event, and the journey's variables. */
export function useReferences(): Option[] {
  const journey = useDraft((draft) => draft.document);
  const events = useNames((names) => names.events);
  const sources = useStepTypes((types) => types.conditions?.sources);
  const here = useFormContext().events;
  return useMemo(() => {
    const of = (source: string): string => (sources?.[source] ? say(sources[source]) : source);
    const properties = (names: readonly string[]): string[] => [
      ...new Set(events.filter((one) => names.includes(one.name)).flatMap((one) => one.properties.map((property) => property.name))),
    ];
    const made = (source: string, names: readonly string[]): Option[] =>
      names.map((name) => ({ value: `${source}.${name}`, label: `${source}.${name}`, detail: of(source) }));
    return [
      ...made("entry", properties(entryEvents(journey.entry))),
      ...made("event", properties(here)),
      ...made("var", Object.keys(journey.variables ?? {}).filter(Boolean)),
    ];
  }, [journey.entry, journey.variables, events, sources, here]);
}

export function ValueControl({
  value,
  change,
  schema,
  root,
  readOnly,
  label,
  only,
  suggestions,
}: {
  value: Json;
  change: (value: Json) => void;
  schema: Schema;
  root: Schema;
  readOnly: boolean;
  label: string;
  /** Kinds of value that are offered; the schema may allow more. */
  only?: readonly ValueKind[] | undefined;
  suggestions?: readonly Option[];
}) {
  const words = useWords();
  const members = (schema.anyOf ?? [schema]).map((one) => resolve(one, root));
  const allowed = (["text", "number", "boolean", "many", "reference"] as const).filter(
    (kind) => allows(members, kind) && (only?.includes(kind) ?? kind !== "many"),
  );
  const kind = kindOf(value) === "none" ? (allowed[0] ?? "text") : kindOf(value);
  return (
    <span className="in-value">
      <ValueInput kind={kind} value={value} change={change} readOnly={readOnly} label={label} suggestions={suggestions} />
      {allowed.length > 1 || !allowed.some((one) => one === kind) ? (
        <Select
          className="in-kind"
          label={`${label}: ${words("inspector.value_kind")}`}
          readOnly={readOnly}
          value={kind}
          options={[...new Set<ValueKind>([...allowed, kind])].map((one) => ({ value: one, label: words(`inspector.value.${one}`) }))}
          change={(next) => change(asKind(value, next as ValueKind))}
        />
      ) : null}
    </span>
  );
}

function allows(members: readonly Schema[], kind: ValueKind): boolean {
  const types = new Set(members.map((one) => one.type));
  if (kind === "text") return types.has("string");
  if (kind === "number") return types.has("number") || types.has("integer");
  if (kind === "boolean") return types.has("boolean");
  if (kind === "many") return types.has("array");
  return kind === "reference" && members.some(isReference);
}

function ValueInput({
  kind,
  value,
  change,
  readOnly,
  label,
  suggestions = [],
}: {
  kind: ValueKind;
  value: Json;
  change: (value: Json) => void;
  readOnly: boolean;
  label: string;
  suggestions?: readonly Option[] | undefined;
}) {
  const words = useWords();
  switch (kind) {
    case "number":
      return (
        <NumberInput label={label} readOnly={readOnly} value={typeof value === "number" ? value : null} change={(next) => change(next)} />
      );
    case "boolean":
      return (
        <Select
          label={label}
          readOnly={readOnly}
          value={String(value === true)}
          options={[
            { value: "true", label: words("inspector.yes") },
            { value: "false", label: words("inspector.no") },
          ]}
          change={(next) => change(next === "true")}
        />
      );
    case "many":
      return <ManyInput label={label} readOnly={readOnly} value={Array.isArray(value) ? value : []} change={change} />;
    case "reference":
      return (
        <ReferenceInput
          label={label}
          readOnly={readOnly}
          value={isObject(value) && typeof value.ref === "string" ? value.ref : ""}
          change={(ref) => change({ ref })}
        />
      );
    default:
      return suggestions.length > 0 ? (
        <Combobox
          free
          label={label}
          readOnly={readOnly}
          options={suggestions}
          value={typeof value === "string" ? value : ""}
          change={change}
        />
      ) : (
        <TextInput
          label={label}
          placeholder={words("inspector.value_placeholder")}
          readOnly={readOnly}
          value={typeof value === "string" ? value : ""}
          change={change}
        />
      );
  }
}

export function ReferenceInput({
  value,
  change,
  readOnly,
  label,
}: {
  value: string;
  change: (value: string) => void;
  readOnly: boolean;
  label: string;
}) {
  const words = useWords();
  const options = useReferences();
  return (
    <Combobox
      free
      unseen={words("inspector.unseen_line")}
      className="in-mono"
      label={label}
      readOnly={readOnly}
      options={options}
      value={value}
      change={change}
      placeholder="entry.cart_id"
    />
  );
}

/** Several values as tags. Enter or a comma adds one. Text that reads as a number becomes one where the others are numbers. */
export function ManyInput({
  value,
  change,
  readOnly,
  label,
}: {
  value: readonly Json[];
  change: (value: Json[]) => void;
  readOnly: boolean;
  label: string;
}) {
  const words = useWords();
  const [typed, setTyped] = useState("");
  const numbers = value.length > 0 && value.every((one) => typeof one === "number");
  const add = (): void => {
    const found = typed
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean);
    setTyped("");
    if (found.length === 0) return;
    const made = found.map((one) => (numbers && Number.isFinite(Number(one)) ? Number(one) : one));
    change([...value, ...made.filter((one) => !value.includes(one))]);
  };
  return (
    <span className="in-many">
      {value.map((one, n) => (
        <span key={n} className="in-tag">
          {typeof one === "boolean" ? words(one ? "inspector.yes" : "inspector.no") : String(one)}
          {readOnly ? null : (
            <button
              type="button"
              aria-label={`${words("inspector.remove")}: ${String(one)}`}
              onClick={() => change(value.filter((_, m) => m !== n))}
            >
              <X aria-hidden size={12} />
            </button>
          )}
        </span>
      ))}
      <input
        aria-label={label}
        readOnly={readOnly}
        placeholder={value.length === 0 ? words("inspector.many_placeholder") : ""}
        value={typed}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={add}
        onKeyDown={(event) => {
          if ((event.key === "Enter" || event.key === ",") && !event.nativeEvent.isComposing) {
            event.preventDefault();
            add();
          } else if (event.key === "Backspace" && typed === "" && value.length > 0 && !readOnly) change(value.slice(0, -1));
        }}
      />
    </span>
  );
}
