/** Every kind of step, as the server tells them. Nothing in the canvas names one. */

import { create } from "zustand";
import { call } from "@/api/client";
import { table } from "./table";
import type { Family, JourneyForms, JsonObject, StepType } from "./types";

export const FAMILIES: readonly Family[] = ["action", "wait", "decision", "measure", "end"];

export type StepTypesState = {
  types: Record<string, StepType>;
  /** In the order in which a palette shows them. */
  items: StepType[];
  journey: JourneyForms | null;
  /** Whatever else the answer told: the parts of conditions, for their editor. */
  rest: JsonObject;
};

export const useStepTypes = create<StepTypesState>()(() => ({ types: table(), items: [], journey: null, rest: {} }));

export const typeOf = (kind: string): StepType | undefined => useStepTypes.getState().types[kind];

export async function loadStepTypes(): Promise<void> {
  const { data } = await call<{ items: StepType[]; journey: JourneyForms } & Record<string, unknown>>("GET", "/api/step-types");
  const { items, journey, ...rest } = data;
  const ordered = [...items].sort((a, b) => FAMILIES.indexOf(a.family) - FAMILIES.indexOf(b.family));
  useStepTypes.setState({ types: table(Object.fromEntries(items.map((type) => [type.kind, type]))), items: ordered, journey, rest: rest as JsonObject });
}
