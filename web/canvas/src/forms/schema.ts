/** The subset of JSON Schema that forms are made from. */

import type { Json, JsonObject, Text } from "@/document/types";

export type Schema = {
  $ref?: string;
  $defs?: Record<string, Schema>;
  type?: string;
  format?: string;
  const?: Json;
  enum?: Json[];
  default?: Json;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  discriminator?: { propertyName: string; mapping?: Record<string, string> };
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  "x-label"?: Text;
  "x-help"?: Text;
  "x-editor"?: string;
  "x-options"?: Record<string, Text>;
  "x-item"?: Text;
  "x-new"?: Json;
  "x-advanced"?: boolean;
  "x-when"?: Record<string, string[]>;
};

/** One variant of a union: the value of its discriminator, and its schema. */
export type Variant = { tag: string; schema: Schema };

/** What a form needs to know of a field. `optional`: it may be null, which an empty field means. */
export type Shape =
  | { is: "object"; schema: Schema; optional: boolean }
  | { is: "variants"; by: string; variants: Variant[]; schema: Schema; optional: boolean }
  | { is: "list"; item: Schema; schema: Schema; optional: boolean }
  | { is: "choices"; options: string[]; schema: Schema; optional: boolean }
  | { is: "map"; value: Schema; schema: Schema; optional: boolean }
  | { is: "choice"; options: string[]; schema: Schema; optional: boolean }
  | {
      is: "boolean" | "number" | "integer" | "text" | "duration" | "time" | "date" | "instant" | "scalar" | "fixed";
      schema: Schema;
      optional: boolean;
    }
  | { is: "unknown"; schema: Schema; optional: boolean };

const FORMATS: Record<string, "duration" | "time" | "date" | "instant"> = {
  duration: "duration",
  time: "time",
  date: "date",
  "date-time": "instant",
};
const SCALARS = new Set(["string", "integer", "number", "boolean", "array", "null"]);

/** Follows a reference. What is written beside it (label, help, default) overrides its target. */
export function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const name = schema.$ref.replace("#/$defs/", "");
  const found = root.$defs?.[name];
  if (!found) return schema;
  const { $ref: _, ...beside } = schema;
  return resolve({ ...found, ...beside }, root);
}

const isNull = (schema: Schema): boolean => schema.type === "null";

/** Removes the null of an optional field. */
function withoutNull(schema: Schema, root: Schema): { schema: Schema; optional: boolean } {
  const found = resolve(schema, root);
  if (!found.anyOf?.some(isNull)) return { schema: found, optional: false };
  const left = found.anyOf.filter((one) => !isNull(one));
  const { anyOf: _, ...beside } = found;
  const only = left[0];
  if (left.length !== 1 || !only) return { schema: { ...beside, anyOf: left }, optional: true };
  return { schema: { ...resolve(only, root), ...beside }, optional: true };
}

export function variantsOf(schema: Schema, root: Schema): Variant[] {
  const by = schema.discriminator?.propertyName;
  if (!schema.oneOf || !by) return [];
  return schema.oneOf.map((one) => {
    const found = resolve(one, root);
    return { tag: String(found.properties?.[by]?.const ?? ""), schema: found };
  });
}

export function shapeOf(given: Schema, root: Schema): Shape {
  const { schema, optional } = withoutNull(given, root);
  if (schema.const !== undefined) return { is: "fixed", schema, optional };
  if (schema.oneOf && schema.discriminator) {
    return { is: "variants", by: schema.discriminator.propertyName, variants: variantsOf(schema, root), schema, optional };
  }
  if (schema.enum) return { is: "choice", options: schema.enum.map(String), schema, optional };
  if (schema.anyOf) {
    const scalar = schema.anyOf.every((one) => SCALARS.has(resolve(one, root).type ?? "") || isReference(resolve(one, root)));
    return { is: scalar ? "scalar" : "unknown", schema, optional };
  }
  switch (schema.type) {
    case "object":
      if (schema.properties) return { is: "object", schema, optional };
      if (typeof schema.additionalProperties === "object") return { is: "map", value: schema.additionalProperties, schema, optional };
      return { is: "unknown", schema, optional };
    case "array": {
      if (!schema.items) return { is: "unknown", schema, optional };
      const item = resolve(schema.items, root);
      if (item.enum) return { is: "choices", options: item.enum.map(String), schema, optional };
      return { is: "list", item, schema, optional };
    }
    case "boolean":
    case "number":
    case "integer":
      return { is: schema.type, schema, optional };
    case "string": {
      const format = FORMATS[schema.format ?? ""];
      if (format) return { is: format, schema, optional };
      if (schema.format) return { is: "unknown", schema, optional };
      if (schema["x-options"]) return { is: "choice", options: Object.keys(schema["x-options"]), schema, optional };
      return { is: "text", schema, optional };
    }
  }
  return { is: "unknown", schema, optional };
}

/** `{"ref": "entry.cart_id"}`: a value that is looked up when the customer reaches the step. */
export const isReference = (schema: Schema): boolean => schema.type === "object" && Object.keys(schema.properties ?? {}).join() === "ref";

/** The fields of an object that a person fills in, without fixed ones (a discriminator). */
export function fieldsOf(schema: Schema, root: Schema): { name: string; schema: Schema; required: boolean }[] {
  return Object.entries(schema.properties ?? {})
    .map(([name, field]) => ({ name, schema: resolve(field, root), required: schema.required?.includes(name) ?? false }))
    .filter(({ schema: field }) => field.const === undefined);
}

/** Whether a field is shown beside the values that its neighbours have (`x-when`); one that is not set counts with its default. */
export function isShown(field: Schema, beside: JsonObject, schema: Schema): boolean {
  return Object.entries(field["x-when"] ?? {}).every(([name, values]) => values.includes(String(beside[name] ?? schema.properties?.[name]?.default ?? "")));
}

/** What a field starts with: its default, else the emptiest value of its shape. */
export function initial(given: Schema, root: Schema, depth = 0): Json {
  if (given.default !== undefined) return structuredClone(given.default);
  const shape = shapeOf(given, root);
  if (shape.optional) return null;
  switch (shape.is) {
    case "object":
      return depth > 6 ? {} : initialObject(shape.schema, root, depth);
    case "variants":
      return shape.variants[0] ? initialObject(shape.variants[0].schema, root, depth) : {};
    case "list":
    case "choices":
      return [];
    case "map":
      return {};
    case "choice":
      return shape.options[0] ?? "";
    case "boolean":
      return false;
    case "number":
    case "integer":
      return shape.schema.minimum ?? 0;
    case "duration":
      return "P1D";
    case "time":
      return "10:00:00";
    case "fixed":
      return shape.schema.const ?? null;
    default:
      return "";
  }
}

/** An object with its required members only. */
export function initialObject(schema: Schema, root: Schema, depth = 0): JsonObject {
  const made: JsonObject = {};
  for (const [name, field] of Object.entries(schema.properties ?? {})) {
    if (field.const !== undefined) made[name] = field.const;
    else if (schema.required?.includes(name)) made[name] = initial(field, root, depth + 1);
  }
  return made;
}

/** The value as another variant of its union, with the members that both have. */
export function asVariant(value: JsonObject, variant: Variant, root: Schema): JsonObject {
  const made = initialObject(variant.schema, root);
  for (const [name, field] of Object.entries(variant.schema.properties ?? {})) {
    if (field.const === undefined && value[name] !== undefined) made[name] = value[name];
  }
  return made;
}

/** What a new entry of a list starts with. */
export const newItem = (schema: Schema, item: Schema, root: Schema): Json =>
  schema["x-new"] !== undefined ? structuredClone(schema["x-new"]) : item.properties ? initialObject(item, root) : initial(item, root);

/** Fields of a schema for which there is no form or no words. `known`: the `x-editor`s that exist. */
export function gaps(root: Schema, known: ReadonlySet<string>): string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const worded = (text: Text | undefined): boolean => text !== undefined && Object.values(text).length > 0 && Object.values(text).every(Boolean);
  const visit = (given: Schema, path: string, needsLabel: boolean): void => {
    if (given.$ref) {
      if (seen.has(given.$ref)) return;
      seen.add(given.$ref);
    }
    const shape = shapeOf(given, root);
    const label = resolve(given, root)["x-label"] ?? shape.schema["x-label"];
    if (needsLabel && !worded(label)) found.push(`${path}: no label`);
    const editor = shape.schema["x-editor"];
    if (editor !== undefined && !known.has(editor)) found.push(`${path}: no editor ${editor}`);
    if (shape.is === "unknown" && editor === undefined) found.push(`${path}: no form for ${JSON.stringify(given).slice(0, 80)}`);
    if (shape.is === "choice" || shape.is === "choices") {
      const words = shape.schema["x-options"] ?? {};
      for (const option of shape.options) if (!worded(words[option])) found.push(`${path}: no words for ${option}`);
    }
    if (shape.is === "object") inside(shape.schema, path);
    if (shape.is === "map" && editor === undefined) visit(shape.value, `${path}.*`, false);
    if (shape.is === "list" && editor !== "condition") {
      if (shape.item.properties && !worded(shape.schema["x-item"])) found.push(`${path}: no word for an item`);
      visit(shape.item, `${path}[]`, false);
    }
    if (shape.is === "variants") {
      for (const variant of shape.variants) {
        if (variant.tag === "") found.push(`${path}: a variant without a name`);
        if (!worded(variant.schema["x-label"])) found.push(`${path}.${variant.tag}: no label`);
        if (!seen.has(`variant:${variant.tag}`)) {
          seen.add(`variant:${variant.tag}`);
          inside(variant.schema, `${path}.${variant.tag}`);
        }
      }
    }
  };
  const inside = (schema: Schema, path: string): void => {
    for (const field of fieldsOf(schema, root)) visit(field.schema, `${path}.${field.name}`, true);
  };
  visit(root, "settings", false);
  return found;
}
