/** The document as nodes and edges of React Flow. What has not changed stays the same object, so that it is not rendered again. */

import { type Edge as FlowEdge, MarkerType, type Node as FlowNode, Position } from "@xyflow/react";
import { edgeId, portOf } from "@/document/edit";
import { positionOf } from "@/document/lanes";
import { ENTRY_SIZE, type Size, sizeOf as sizeFor, portX } from "@/document/size";
import { type Described, type Edge, ENTRY, type JourneyDocument, type Note, type Point, type Port, type StepNode } from "@/document/types";
import { say } from "@/words";
import { shownPorts } from "@/board/flow";
import type { Run } from "./edge-path";

export type StepData = { step: StepNode; ports: Port[]; size: Size };
export type StepFlowNode = FlowNode<StepData, "step">;
export type EntryFlowNode = FlowNode<Record<string, never>, "entry">;
export type NoteFlowNode = FlowNode<{ note: Note }, "note">;
export type BoardNode = StepFlowNode | EntryFlowNode | NoteFlowNode;
/** An edge, and what its path has to know of the cards that it runs around. */
export type EdgeData = { edge: Edge } & Pick<Run, "beside" | "half" | "index" | "count">;
export type BoardEdge = FlowEdge<EdgeData, "step"> | FlowEdge<Record<string, never>, "jump">;

/** Half of a handle's width. */
const HANDLE = 6;
export const NOTE_PREFIX = "note:";

const handle = (id: string, x: number, y: number, out: boolean) => ({
  id,
  type: out ? ("source" as const) : ("target" as const),
  position: out ? Position.Bottom : Position.Top,
  x: x - HANDLE,
  y: y - HANDLE,
  width: 2 * HANDLE,
  height: 2 * HANDLE,
});

function handlesOf(size: Size, ports: Port[]) {
  const out = ports.map((port, n) => handle(port.name, portX(size, ports.length, n), size.height, true));
  return [handle("in", size.width / 2, 0, false), ...out];
}

const samePorts = (a: Port[], b: Port[]): boolean =>
  a === b || (a.length === b.length && a.every((port, n) => port.name === b[n]?.name && say(port.label) === say(b[n]?.label ?? {})));

const samePoint = (a: Point, b: Point): boolean => a.x === b.x && a.y === b.y;

/** Nodes of a document. `before`: the last ones; a node that is being dragged keeps its position. */
export function nodesOf(document: JourneyDocument, before: readonly BoardNode[], selected: ReadonlySet<string>): BoardNode[] {
  const known = new Map(before.map((node) => [node.id, node]));
  const kept = <N extends BoardNode>(fresh: N, same: (old: N) => boolean): BoardNode => {
    const old = known.get(fresh.id) as N | undefined;
    if (!old) return fresh;
    const position = old.dragging ? old.position : fresh.position;
    if (samePoint(old.position, position) && old.selected === fresh.selected && same(old)) return old;
    return { ...old, ...fresh, position, data: same(old) ? old.data : fresh.data } as BoardNode;
  };
  const entry: EntryFlowNode = {
    id: ENTRY,
    type: "entry",
    position: positionOf(document, ENTRY),
    data: {},
    ...ENTRY_SIZE,
    handles: [handle("next", ENTRY_SIZE.width / 2, ENTRY_SIZE.height, true)],
    selected: selected.has(ENTRY),
    deletable: false,
  };
  const steps = document.steps.map((step) => {
    const ports = shownPorts(step, document);
    const size = sizeFor(ports);
    const node: StepFlowNode = {
      id: step.id,
      type: "step",
      position: positionOf(document, step.id),
      data: { step, ports, size },
      ...size,
      handles: handlesOf(size, ports),
      selected: selected.has(step.id),
    };
    return kept(node, (old) => old.data.step === step && samePorts(old.data.ports, ports));
  });
  const notes = (document.layout?.notes ?? []).map((note) => {
    const id = NOTE_PREFIX + note.id;
    const node: NoteFlowNode = {
      id,
      type: "note",
      position: { x: note.x, y: note.y },
      data: { note },
      width: note.width,
      height: note.height,
      selected: selected.has(id),
      zIndex: -1,
    };
    return kept(node, (old) => old.data.note === note);
  });
  return [kept(entry, () => true), ...notes, ...steps];
}

/** Arrow heads of one size however thick the edge is, and of the edge's colour. */
const HEAD = { type: MarkerType.ArrowClosed, width: 21, height: 21, markerUnits: "userSpaceOnUse", color: "context-stroke" };

/** Edges of a document, and jumps. Edges without a target are left out; the list of problems names them. */
export function edgesOf(document: JourneyDocument, described: Described, before: readonly BoardEdge[], chosen: string | null): BoardEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const ids = new Set([ENTRY, ...document.steps.map((step) => step.id)]);
  const ports = new Map(document.steps.map((step) => [step.id, shownPorts(step, document)]));
  const edges = document.edges
    .filter((edge) => ids.has(edge.from) && ids.has(edge.to))
    .map((edge): BoardEdge => {
      const id = edgeId(edge);
      const old = known.get(id);
      const selected = id === chosen;
      const data = edgeData(edge, ports);
      const same = old?.type === "step" && old.data && sameData(old.data, data);
      if (same && old.selected === selected) return old;
      return {
        id,
        type: "step",
        source: edge.from,
        sourceHandle: portOf(edge),
        target: edge.to,
        targetHandle: "in",
        data,
        selected,
        markerEnd: HEAD,
      };
    });
  const jumps = document.steps.flatMap((step) =>
    (described.steps[step.id]?.targets ?? [])
      .filter((to) => ids.has(to))
      .map((to): BoardEdge => {
        const id = `${step.id}>${to}`;
        return known.get(id) ?? { id, type: "jump", source: step.id, sourceHandle: "jump", target: to, targetHandle: "in", selectable: false };
      }),
  );
  return [...edges, ...jumps];
}

function edgeData(edge: Edge, ports: ReadonlyMap<string, Port[]>): EdgeData {
  const own = ports.get(edge.from);
  const size = own ? sizeFor(own) : ENTRY_SIZE;
  const count = own?.length ?? 1;
  const index = Math.max(0, own?.findIndex((port) => port.name === portOf(edge)) ?? 0);
  const left = portX(size, count, index);
  const target = ports.get(edge.to);
  return { edge, index, count, beside: { left, right: size.width - left }, half: (target ? sizeFor(target) : ENTRY_SIZE).width / 2 };
}

const sameData = (a: EdgeData, b: EdgeData): boolean =>
  a.edge === b.edge && a.index === b.index && a.count === b.count && a.half === b.half && a.beside.left === b.beside.left && a.beside.right === b.beside.right;
