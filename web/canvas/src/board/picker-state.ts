/** Where the picker of steps is open, and what for. */

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

/** Opens the picker below a button. */
export function pickAt(element: Element, purpose: Picking["purpose"]): void {
  const box = element.getBoundingClientRect();
  pick({ at: { x: box.left + box.width / 2, y: box.bottom + 4 }, purpose });
}

/** Opens the picker for what follows a step: at its first free port, else in its first edge. */
export function pickAfter(id: string, at: Point): void {
  const { steps, edges } = onCanvas();
  const step = steps.find((one) => one.id === id);
  const ports = step ? portsOf(step).map((port) => port.name) : ["next"];
  const free = ports.find((port) => !edges.some((edge) => edge.from === id && portOf(edge) === port)) ?? ports[0];
  if (free !== undefined) pick({ at, purpose: { after: { id, port: free } } });
}
