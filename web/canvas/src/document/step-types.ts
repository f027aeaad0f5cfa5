/** Every kind of step, as the server lists them. Nothing in the canvas names one. */

import { create } from "zustand";
import { call } from "@/api/client";
import { table } from "./table";
import type { Answer } from "@/api/types";
import type { Family, JourneyForms, StepType } from "./types";

export const FAMILIES: readonly Family[] = ["action", "wait", "decision", "measure", "end"];

type StepTypes = Answer<"/api/step-types", "get">;

export type StepTypesState = {
  types: Record<string, StepType>;
  /** In the order in which a palette shows them. */
  items: StepType[];
  journey: JourneyForms | null;
  /** What conditions can be made of. */
  conditions: StepTypes["conditions"] | null;
  /** By which steps send, in the order of forms. */
  channels: StepTypes["channels"];
};

export const useStepTypes = create<StepTypesState>()(() => ({ types: table(), items: [], journey: null, conditions: null, channels: [] }));

export const typeOf = (kind: string): StepType | undefined => useStepTypes.getState().types[kind];

export async function loadStepTypes(): Promise<void> {
  const { items, journey, conditions, channels } = (await call<StepTypes>("GET", "/api/step-types")).data;
  const ordered = [...items].sort((a, b) => FAMILIES.indexOf(a.family) - FAMILIES.indexOf(b.family));
  useStepTypes.setState({ types: table(Object.fromEntries(items.map((type) => [type.kind, type]))), items: ordered, journey, conditions, channels });
}
