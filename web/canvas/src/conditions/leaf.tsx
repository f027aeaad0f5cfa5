/** One sentence of a condition. Words and fields come from the server; their order depends on the reader's language. */

import { type ReactNode, useState } from "react";
import { useNames } from "@/document/names";
import type { Json, JsonObject } from "@/document/types";
import { language, say, useWords } from "@/words";
import { Combobox, type Option } from "@/forms/combobox";
import { type ConditionVocabulary, newLeaf, operatorsFor } from "./vocabulary";
import { Choices, optionsOf, Select } from "@/forms/controls";
import { SchemaField } from "@/forms/fields";
import { FormContext, useFormContext } from "@/forms/context";
import { useAttributeOptions, useEventOptions, usePropertyOptions } from "@/inspector/name-fields";
import { withMember } from "@/forms/paths";
import { type Schema, shapeOf } from "@/forms/schema";
import { asKind, kindOf, ValueControl, type ValueKind } from "@/forms/value-control";

/** Props of a condition's tree. `onlyEvent`: only properties of the event can be asked for; `onlyCustomer`: none of them. */
export type TreeProps = {
  value: Json | undefined;
  change: (value: JsonObject | null) => void;
  optional: boolean;
  onlyEvent: boolean;
  onlyCustomer?: boolean;
  label: string;
};

type LeafProps = {
  vocabulary: ConditionVocabulary;
  leaf: JsonObject;
  schema: Schema;
  readOnly: boolean;
  change: (leaf: JsonObject) => void;
  /** Draws a condition that lies inside of this one. */
  Tree: (props: TreeProps) => ReactNode;
};

export function ConditionLeaf({
  vocabulary,
  Tree,
  leaves,
  leaf,
  readOnly,
  change,
  tools,
}: Omit<LeafProps, "schema"> & { leaves: ConditionVocabulary["leaves"]; tools: ReactNode }) {
  const words = useWords();
  const kind = String(leaf.kind ?? "");
  const own = vocabulary.leaves.find((one) => one.kind === kind);
  const turn = (next: string): void => {
    const chosen = vocabulary.leaves.find((one) => one.kind === next);
    if (!chosen) return;
    const fresh = newLeaf(chosen.schema);
    const kept = Object.entries(leaf).filter(([name]) => name !== "kind" && name in (chosen.schema.properties ?? {}) && name !== "of");
    change({ ...fresh, ...Object.fromEntries(kept) });
  };
  const Body = BODIES[kind];
  return (
    <>
      <div className="in-leaf-head">
        <Select
          className="in-leaf-kind"
          label={words("condition.kind")}
          readOnly={readOnly}
          value={kind}
          options={[...leaves, ...(own && !leaves.includes(own) ? [own] : [])].map((one) => ({ value: one.kind, label: say(one.title) }))}
          change={turn}
        />
        {tools}
      </div>
      {own && Body ? <Body vocabulary={vocabulary} Tree={Tree} leaf={leaf} schema={own.schema} readOnly={readOnly} change={change} /> : null}
      {own && !Body ? (
        <SchemaField
          schema={{ ...own.schema, "x-label": undefined }}
          root={own.schema}
          path={[]}
          value={leaf}
          change={(next) => change((next ?? {}) as JsonObject)}
        />
      ) : null}
    </>
  );
}

/** Sentences with an editor made by hand; any other gets a form from its schema. */
const BODIES: Record<string, (props: LeafProps) => ReactNode> = {
  attribute: (props) => <Compared {...props} of="attribute" />,
  property: (props) => <Compared {...props} of="property" />,
  contact: ContactLeaf,
  consent: ConsentLeaf,
  consent_age: ConsentAgeLeaf,
  stage: StageLeaf,
  history: HistoryLeaf,
};

const field = (schema: Schema, name: string): Schema => schema.properties?.[name] ?? {};
const labelOf = (schema: Schema, name: string): string => {
  const own = field(schema, name)["x-label"];
  return own ? say(own) : name;
};

/** `[tier ▾] [is ▾] [VIP]`; in Korean the comparison comes last. */
function Compared({ vocabulary, leaf, schema, readOnly, change, of }: LeafProps & { of: "attribute" | "property" }) {
  const words = useWords();
  const attributes = useAttributeOptions();
  const properties = usePropertyOptions();
  const options = of === "attribute" ? attributes : properties;
  const name = String(leaf.name ?? "");
  const types = useTypes(of);
  const rename = (next: string): void => {
    const type = types(next);
    const blank = leaf.value === undefined || leaf.value === null || leaf.value === "";
    change({ ...leaf, name: next, ...(blank && (type === "number" || type === "boolean") ? { value: asKind("", type) } : {}) });
  };
  return (
    <div className="in-words">
      <Combobox
        free
        unseen={words("inspector.unseen_line")}
        label={labelOf(schema, "name")}
        placeholder={labelOf(schema, "name")}
        readOnly={readOnly}
        options={options}
        value={name}
        change={rename}
      />
      <Comparison vocabulary={vocabulary} leaf={leaf} schema={schema} readOnly={readOnly} change={change} type={types(name)} />
    </div>
  );
}

function useTypes(of: "attribute" | "property"): (name: string) => string {
  const attributes = useNames((names) => names.attributes);
  const events = useNames((names) => names.events);
  const here = useFormContext().events;
  return (name) => {
    if (of === "attribute") return attributes.find((one) => one.name === name)?.type ?? "";
    const seen = events.filter((one) => here.length === 0 || here.includes(one.name)).flatMap((one) => one.properties);
    return seen.find((one) => one.name === name)?.type ?? "";
  };
}

const ONE: readonly ValueKind[] = ["text", "number", "boolean", "reference"];
const AMOUNT: readonly ValueKind[] = ["number", "reference"];

/** In Korean these lead: "one of: …"; all others follow the value. */
const LEADING = new Set(["in", "not_in", "starts_with"]);

function Comparison({ vocabulary, leaf, schema, readOnly, change, type, unit }: Omit<LeafProps, "Tree"> & { type: string; unit?: string }) {
  const op = String(leaf.op ?? field(schema, "op").default ?? "eq");
  const operand = vocabulary.operators[op]?.operand ?? "one";
  const value = leaf.value === undefined ? (field(schema, "value").default ?? null) : leaf.value;
  const compare = (next: string): void => {
    const wanted = vocabulary.operators[next]?.operand ?? "one";
    const kept: Json =
      wanted === "none" ? null : wanted === "many" ? asKind(value, "many") : kindOf(value) === "many" ? asKind(value, "text") : value;
    change({ ...leaf, op: next, value: kept });
  };
  const operator = (
    <Select
      key="op"
      className="in-op"
      label={labelOf(schema, "op")}
      readOnly={readOnly}
      value={op}
      options={operatorsFor(vocabulary, type, op).map((name) => ({
        value: name,
        label: say(vocabulary.operators[name]?.label ?? { en: name, ko: name }),
      }))}
      change={compare}
    />
  );
  const only = operand === "many" ? (["many"] as const) : type === "amount" ? AMOUNT : ONE;
  const control =
    operand === "none" ? null : (
      <span key="value" className="in-operand" data-kind={kindOf(value)}>
        <ValueControl
          label={labelOf(schema, "value")}
          readOnly={readOnly}
          schema={field(schema, "value")}
          root={schema}
          only={only}
          value={value}
          change={(next) => change({ ...leaf, value: next })}
        />
        {unit ? <span className="in-unit">{unit}</span> : null}
      </span>
    );
  return <>{language() === "ko" && !LEADING.has(op) ? [control, operator] : [operator, control]}</>;
}

/** One of the values that a field of the sentence may have. */
function Pick({ leaf, schema, readOnly, change, name }: Omit<LeafProps, "vocabulary" | "Tree"> & { name: string }) {
  const shape = shapeOf(field(schema, name), schema);
  const options = "options" in shape ? shape.options : [];
  return (
    <Select
      label={labelOf(schema, name)}
      readOnly={readOnly}
      value={String(leaf[name] ?? field(schema, name).default ?? "")}
      options={optionsOf(options, shape.schema["x-options"])}
      change={(next) => change({ ...leaf, [name]: next })}
    />
  );
}

/** `[phone number ▾] [is known]` */
function ContactLeaf(props: LeafProps) {
  return (
    <div className="in-words">
      <Pick {...props} name="field" />
      <Comparison {...props} type="string" />
    </div>
  );
}

function ConsentLeaf(props: LeafProps) {
  const { leaf, schema, readOnly, change } = props;
  const words = useWords();
  return (
    <div className="in-words">
      <Pick {...props} name="channel" />
      <Pick {...props} name="purpose" />
      <Select
        label={labelOf(schema, "granted")}
        readOnly={readOnly}
        value={String(leaf.granted ?? true)}
        options={[
          { value: "true", label: words("condition.granted") },
          { value: "false", label: words("condition.not_granted") },
        ]}
        change={(next) => change({ ...leaf, granted: next === "true" })}
      />
    </div>
  );
}

/** `[SMS] [advertising] [at least so long ago] [700 days]` */
function ConsentAgeLeaf(props: LeafProps) {
  const { leaf, schema, change } = props;
  return (
    <>
      <div className="in-words">
        <Pick {...props} name="channel" />
        <Pick {...props} name="purpose" />
        <Pick {...props} name="op" />
      </div>
      {leaf.op === "missing" ? null : (
        <SchemaField
          schema={field(schema, "age")}
          root={schema}
          path={["", "age"]}
          value={leaf.age ?? field(schema, "age").default ?? null}
          change={(next) => change(withMember(leaf, "age", next ?? undefined))}
        />
      )}
    </>
  );
}

function StageLeaf({ vocabulary, leaf, schema, readOnly, change }: LeafProps) {
  return (
    <div className="in-words">
      <Choices
        label={labelOf(schema, "of")}
        readOnly={readOnly}
        value={Array.isArray(leaf.of) ? leaf.of.map(String) : []}
        options={optionsOf(Object.keys(vocabulary.stages), vocabulary.stages)}
        change={(of) => change({ ...leaf, of })}
      />
    </div>
  );
}

/** `[Order Completed] [how often] [at least] [1] times, in the last [30 days], only events with …` */
function HistoryLeaf({ vocabulary, Tree, leaf, schema, readOnly, change }: LeafProps) {
  const words = useWords();
  const place = useFormContext();
  const events = useEventOptions();
  const event = String(leaf.event ?? "");
  const properties = usePropertyOptions([event]);
  const measure = String(leaf.measure ?? "count");
  const [asks, setAsks] = useState(false);
  const turn = (next: string): void => {
    const needs = vocabulary.measures[next]?.property ?? false;
    const { property, ...others } = leaf;
    change({ ...others, measure: next, ...(needs ? { property: property ?? "" } : {}) });
  };
  const open = asks || (leaf.where !== null && leaf.where !== undefined);
  return (
    <FormContext.Provider value={{ ...place, events: event ? [event] : [] }}>
      <div className="in-words">
        <Named
          label={labelOf(schema, "event")}
          options={events}
          value={event}
          readOnly={readOnly}
          change={(next) => change({ ...leaf, event: next })}
        />
        <Select
          label={labelOf(schema, "measure")}
          readOnly={readOnly}
          value={measure}
          options={Object.entries(vocabulary.measures).map(([name, one]) => ({ value: name, label: say(one.label) }))}
          change={turn}
        />
        {vocabulary.measures[measure]?.property ? (
          <Named
            label={labelOf(schema, "property")}
            options={properties}
            value={String(leaf.property ?? "")}
            readOnly={readOnly}
            change={(next) => change({ ...leaf, property: next })}
          />
        ) : null}
        <Comparison
          vocabulary={vocabulary}
          leaf={leaf}
          schema={schema}
          readOnly={readOnly}
          change={change}
          type={measure === "first" || measure === "last" ? "" : "amount"}
          {...(measure === "count" ? { unit: words("condition.times") } : {})}
        />
      </div>
      {["within", "since_entry"].map((name) => (
        <SchemaField
          key={name}
          schema={field(schema, name)}
          root={schema}
          path={["", name]}
          value={leaf[name]}
          change={(next) => change(withMember(leaf, name, next))}
        />
      ))}
      {open ? (
        <div className="in-fields">
          <span className="in-label">{labelOf(schema, "where")}</span>
          <Tree
            value={leaf.where}
            change={(where) => change(withMember(leaf, "where", where ?? undefined))}
            optional
            onlyEvent
            label={labelOf(schema, "where")}
          />
        </div>
      ) : readOnly ? null : (
        <button type="button" className="in-quiet" onClick={() => setAsks(true)}>
          {words("condition.where")}
        </button>
      )}
      <details className="in-more">
        <summary>{words("inspector.more")}</summary>
        <SchemaField
          schema={field(schema, "after")}
          root={schema}
          path={["", "after"]}
          value={leaf.after}
          change={(next) => change(withMember(leaf, "after", next ?? undefined))}
        />
      </details>
    </FormContext.Provider>
  );
}

function Named({
  label,
  options,
  value,
  readOnly,
  change,
}: {
  label: string;
  options: readonly Option[];
  value: string;
  readOnly: boolean;
  change: (value: string) => void;
}) {
  const words = useWords();
  return (
    <Combobox
      free
      unseen={words("inspector.unseen_line")}
      label={label}
      placeholder={label}
      options={options}
      value={value}
      readOnly={readOnly}
      change={change}
    />
  );
}
