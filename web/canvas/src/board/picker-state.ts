/** Where a step is to be picked, and what for. */

import { create } from "zustand";
import type { Edge, Point } from "@/document/types";

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
