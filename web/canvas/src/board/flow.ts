/** The React Flow instance for code outside of the surface, and the document that it draws. */

import type { ReactFlowInstance } from "@xyflow/react";
import { portsOf } from "@/document/described";
import { portsWithLost } from "@/document/edit";
import { axisOf } from "@/document/axis";
import { type Size, sizeOf as sizeFor } from "@/document/size";
import { useDraft, useSync } from "@/document/draft";
import type { JourneyDocument, Point, Port, StepNode } from "@/document/types";
import { useUi } from "@/ui/state";

let instance: ReactFlowInstance | null = null;
export const holdFlow = (flow: ReactFlowInstance | null): void => {
  instance = flow;
};
export const flow = (): ReactFlowInstance | null => instance;

/** The size of a step's card in the document on the canvas. */
export const sizeOf = (step: StepNode): Size => sizeFor(portsOf(step), axisOf(onCanvas()));

/** The ports that the card of a step shows; those of edges that the step does not have (any more) are shown as broken. */
export const shownPorts = (step: StepNode, document: JourneyDocument): Port[] => portsWithLost(step, document.edges, portsOf);

/** Sizes of cards by the ports that they show in a document; drawn to run another way than its own, if that is given. */
export const sizeIn =
  (document: JourneyDocument, axis = axisOf(document)) =>
  (step: StepNode): Size =>
    sizeFor(shownPorts(step, document), axis);

/** The document on the canvas: the draft, or what a mode shows in its place. */
export const onCanvas = (): JourneyDocument => useUi.getState().shown ?? useDraft.getState().document;

export const useOnCanvas = (): JourneyDocument => {
  const shown = useUi((ui) => ui.shown);
  const draft = useDraft((state) => state.document);
  return shown ?? draft;
};

export const editable = (): boolean => {
  const { mode, shown } = useUi.getState();
  return !useSync.getState().readOnly && shown === null && (mode === "draw" || mode === "test");
};

/** Whether the document on the canvas may be changed. */
export const useEditable = (): boolean => {
  const readOnly = useSync((sync) => sync.readOnly);
  const open = useUi((ui) => ui.shown === null && (ui.mode === "draw" || ui.mode === "test"));
  return open && !readOnly;
};

/** The middle of the visible part of the canvas. */
export function middle(): Point {
  const box = document.querySelector(".board")?.getBoundingClientRect();
  if (!instance || !box) return { x: 0, y: 0 };
  return instance.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
}
