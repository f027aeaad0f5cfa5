/** Where a step is to be picked, and what for. */

import { create } from "zustand";
import { portsOf } from "@/document/described";
import { portOf } from "@/document/edit";
import type { Edge, Point } from "@/document/types";
import { onCanvas } from "./flow";

export type Picking = {
  /** On the screen. */
  at: Point;
  purpose: { into: Edge } | { after: { id: string; port: string } } | { place: Point; from?: { id: string; port: string } };
};

export const usePicker = create<{ picking: Picking | null }>()(() => ({ picking: null }));

export const pick = (picking: Picking | null): void => usePicker.setState({ picking });

/** Below a button, for whoever pressed it. */
export function pickAt(element: Element, purpose: Picking["purpose"]): void {
  const box = element.getBoundingClientRect();
  pick({ at: { x: box.left + box.width / 2, y: box.bottom + 4 }, purpose });
}

/** Picks what follows a step: by its first way out that leads nowhere, else in its first line. */
export function pickAfter(id: string, at: Point): void {
  const { steps, edges } = onCanvas();
  const step = steps.find((one) => one.id === id);
  const ports = step ? portsOf(step).map((port) => port.name) : ["next"];
  const free = ports.find((port) => !edges.some((edge) => edge.from === id && portOf(edge) === port)) ?? ports[0];
  if (free !== undefined) pick({ at, purpose: { after: { id, port: free } } });
}
