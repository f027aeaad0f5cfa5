/** The document as nodes and edges of React Flow. What has not changed stays the same object, so that it is not rendered again. */

import { type Edge as FlowEdge, MarkerType, type Node as FlowNode, Position } from "@xyflow/react";
import { edgeId, portOf } from "@/document/edit";
import { positionOf } from "@/document/lanes";
import { type Axis, axisOf } from "@/document/axis";
import { arrivalAt, ENTRY_SIZE, portAt, type Size, sizeOf as sizeFor } from "@/document/size";
import { type Described, type Edge, ENTRY, type JourneyDocument, type Note, type Point, type Port, type StepNode } from "@/document/types";
import { say } from "@/words";
import { shownPorts } from "@/board/flow";
import { routesNow, sameWire } from "@/board/routing/current";
import { HANDLE, type Route, type Wire } from "@/board/routing/routes";
import { drawnOf } from "@/board/routing/wires";

export type StepData = { step: StepNode; ports: Port[]; size: Size; axis: Axis };
export type StepFlowNode = FlowNode<StepData, "step">;
export type EntryFlowNode = FlowNode<{ axis: Axis }, "entry">;
export type NoteFlowNode = FlowNode<{ note: Note }, "note">;
export type BoardNode = StepFlowNode | EntryFlowNode | NoteFlowNode;
/** The way of a line, and its ends, from which it strays while a card is dragged. */
export type LineData = { wire: Wire; route: Route };
export type EdgeData = LineData & { edge: Edge };
export type BoardEdge = FlowEdge<EdgeData, "step"> | FlowEdge<LineData, "jump">;

export const NOTE_PREFIX = "note:";

const handle = (id: string, { x, y }: Point, position: Position) => ({
  id,
  type: id === "in" ? ("target" as const) : ("source" as const),
  position,
  x: x - HANDLE,
  y: y - HANDLE,
  width: 2 * HANDLE,
  height: 2 * HANDLE,
});

/** On which sides edges arrive and leave, and where jumps do. */
export const sidesOf = ({ right }: Axis): { in: Position; out: Position; jump: Position } =>
  right ? { in: Position.Left, out: Position.Right, jump: Position.Bottom } : { in: Position.Top, out: Position.Bottom, jump: Position.Right };

function handlesOf(size: Size, ports: Port[], axis: Axis) {
  const sides = sidesOf(axis);
  const out = ports.map((port, n) => handle(port.name, portAt(size, ports.length, n, axis), sides.out));
  const aside = axis.right ? { x: size.width / 2, y: size.height - HANDLE } : { x: size.width - HANDLE, y: size.height / 2 };
  const jump = ports.length === 0 ? [handle("jump", aside, sides.jump)] : [];
  return [handle("in", arrivalAt(size, axis), sides.in), ...out, ...jump];
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
  const axis = axisOf(document);
  const entry: EntryFlowNode = {
    id: ENTRY,
    type: "entry",
    position: positionOf(document, ENTRY),
    data: { axis },
    ...ENTRY_SIZE,
    handles: [handle("next", portAt(ENTRY_SIZE, 1, 0, axis), sidesOf(axis).out)],
    selected: selected.has(ENTRY),
    deletable: false,
  };
  const steps = document.steps.map((step) => {
    const ports = shownPorts(step, document);
    const size = sizeFor(ports, axis);
    const node: StepFlowNode = {
      id: step.id,
      type: "step",
      position: positionOf(document, step.id),
      data: { step, ports, size, axis },
      ...size,
      handles: handlesOf(size, ports, axis),
      selected: selected.has(step.id),
    };
    return kept(node, (old) => old.data.step === step && old.data.axis === axis && samePorts(old.data.ports, ports));
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
  return [kept(entry, (old) => old.data.axis === axis), ...notes, ...steps];
}

/** Arrow heads of one size however thick the edge is, and of the edge's colour. */
const HEAD = { type: MarkerType.ArrowClosed, width: 21, height: 21, markerUnits: "userSpaceOnUse", color: "context-stroke" };

/** Edges of a document, and jumps, each with its way between the cards. */
export function edgesOf(document: JourneyDocument, described: Described, before: readonly BoardEdge[], chosen: string | null): BoardEdge[] {
  const known = new Map(before.map((edge) => [edge.id, edge]));
  const drawn = drawnOf(document, {
    ports: (step) => shownPorts(step, document),
    targets: (id) => described.steps[id]?.targets ?? [],
  });
  const routes = routesNow(drawn);
  const edges = new Map(document.edges.map((edge) => [edgeId(edge), edge]));
  return drawn.wires.flatMap((wire): BoardEdge[] => {
    const { id } = wire;
    const [route, old, edge] = [routes.get(id), known.get(id), edges.get(id)];
    if (!route) return [];
    const same = old?.data?.route === route && sameWire(old.data.wire, wire);
    const ends = { id, source: wire.source, target: wire.target, targetHandle: "in" };
    if (wire.left) return [same ? old : { ...ends, type: "jump", sourceHandle: "jump", data: { wire, route }, selectable: false }];
    if (!edge) return [];
    const selected = id === chosen;
    if (same && old.type === "step" && old.data?.edge === edge && old.selected === selected) return [old];
    return [{ ...ends, type: "step", sourceHandle: portOf(edge), data: { edge, wire, route }, selected, markerEnd: HEAD }];
  });
}
