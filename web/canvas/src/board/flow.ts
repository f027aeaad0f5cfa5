/** The drawing surface, for those outside of it: where things are on the screen, and what stands on it. */

import type { ReactFlowInstance } from "@xyflow/react";
import { portsOf, useDescribed } from "@/document/described";
import { portOf } from "@/document/edit";
import { type Size, sizeOf as sizeFor } from "@/document/size";
import { useDraft, useSync } from "@/document/store";
import type { JourneyDocument, Point, Port, StepNode } from "@/document/types";
import { useUi } from "@/ui/state";

let instance: ReactFlowInstance | null = null;
export const holdFlow = (flow: ReactFlowInstance | null): void => {
  instance = flow;
};
export const flow = (): ReactFlowInstance | null => instance;

export const sizeOf = (step: StepNode): Size => sizeFor(portsOf(step));

/** A step's ways out, and those that lines leave by although the step does not have them: these are shown as broken. */
export function waysOf(step: StepNode, document: JourneyDocument): Port[] {
  const ports = portsOf(step);
  const known = new Set(ports.map((port) => port.name));
  const broken = document.edges.filter((edge) => edge.from === step.id && !known.has(portOf(edge))).map(portOf);
  if (broken.length === 0) return ports;
  return [...ports, ...[...new Set(broken)].map((name) => ({ name, label: { en: name, ko: name }, required: false }))];
}

/** What stands on the canvas: the draft, or what a mode shows in its place. */
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

/** Whether what stands on the canvas may be changed. */
export const useEditable = (): boolean => {
  const readOnly = useSync((sync) => sync.readOnly);
  const open = useUi((ui) => ui.shown === null && (ui.mode === "draw" || ui.mode === "test"));
  return open && !readOnly;
};

/** The middle of what one sees, on the canvas. */
export function middle(): Point {
  const box = document.querySelector(".board")?.getBoundingClientRect();
  if (!instance || !box) return { x: 0, y: 0 };
  return instance.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 });
}

/** Whether the server has said how the step is, in the version that stands here. */
export const isDescribed = (id: string): boolean => useDescribed.getState().described.steps[id] !== undefined;
