/** Changes the id of a step, and all references to it. */

import type { Json, JourneyDocument, StepNode } from "@/document/types";
import { isObject } from "@/forms/paths";
import { resolve, type Schema, shapeOf } from "@/forms/schema";

export const STEP_ID = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Changes every step id that a value of this schema holds (`x-editor: step_id`). */
function withTargets(value: Json, schema: Schema, root: Schema, from: string, to: string): Json {
  const shape = shapeOf(schema, root);
  if (shape.schema["x-editor"] === "step_id") return value === from ? to : value;
  if (shape.is === "object" && isObject(value)) return members(value, shape.schema, root, from, to);
  if (shape.is === "variants" && isObject(value)) {
    const chosen = shape.variants.find((one) => one.tag === value[shape.by]);
    return chosen ? members(value, chosen.schema, root, from, to) : value;
  }
  if (shape.is === "list" && Array.isArray(value)) return value.map((item) => withTargets(item, shape.item, root, from, to));
  return value;
}

function members(value: { [name: string]: Json }, schema: Schema, root: Schema, from: string, to: string): Json {
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      const field = schema.properties?.[name];
      return [name, field ? withTargets(member, resolve(field, root), root, from, to) : member];
    }),
  );
}

/** `schemas`: of each kind's settings, to find the steps that lead here without a line. */
export function renameStep(
  document: JourneyDocument,
  from: string,
  to: string,
  schemas: (kind: string) => Schema | undefined,
): JourneyDocument {
  const renamed = (id: string): string => (id === from ? to : id);
  const steps: StepNode[] = document.steps.map((step) => {
    const schema = schemas(step.kind);
    const settings = schema ? withTargets(step.settings, schema, schema, from, to) : step.settings;
    return { ...step, id: renamed(step.id), settings: isObject(settings) ? settings : step.settings };
  });
  const edges = document.edges.map((edge) => ({ ...edge, from: renamed(edge.from), to: renamed(edge.to) }));
  const positions = Object.fromEntries(Object.entries(document.layout?.positions ?? {}).map(([id, at]) => [renamed(id), at]));
  return { ...document, steps, edges, layout: { ...document.layout, positions } };
}
