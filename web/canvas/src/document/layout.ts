/** Auto-arrange: the journey as a graph for ELK, and ELK's answer as positions. ELK itself runs in a worker. */

import { type Axis, axisOf, pointOn } from "./axis";
import { portOf, type PortsOf } from "./edit";
import { spread, stageOf } from "./lanes";
import { arrivalAt, ENTRY_SIZE, onGrid, portAt, type Size, type SizeOf } from "./size";
import { own } from "./table";
import { ENTRY, type JourneyDocument, type Point, STAGES } from "./types";

export type ElkPort = { id: string; x: number; y: number; width: number; height: number; layoutOptions: Record<string, string> };
export type ElkNode = {
  id: string;
  width: number;
  height: number;
  x?: number;
  y?: number;
  ports: ElkPort[];
  layoutOptions: Record<string, string>;
};
export type ElkGraph = {
  id: string;
  layoutOptions: Record<string, string>;
  children: ElkNode[];
  edges: { id: string; sources: string[]; targets: string[] }[];
};

const OPTIONS: Record<string, string> = {
  "elk.algorithm": "layered",
  "elk.partitioning.activate": "true",
  "elk.spacing.nodeNode": "40",
  "elk.spacing.edgeNode": "24",
  "elk.layered.spacing.nodeNodeBetweenLayers": "72",
  "elk.layered.spacing.edgeNodeBetweenLayers": "24",
  "elk.layered.nodePlacement.strategy": "BRANDES_KOEPF",
  "elk.layered.nodePlacement.bk.fixedAlignment": "BALANCED",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.separateConnectedComponents": "false",
};

/** Of so many steps ELK tries fewer orders: 200 take a third of the time, and look much the same. */
const MANY = 100;
const SOONER = { "elk.layered.thoroughness": "3" };

/** The journey for ELK. Ports keep their order: "no" never crosses above "yes". Lanes are partitions. */
export function graphOf(document: JourneyDocument, portsOf: PortsOf, sizeOf: SizeOf): ElkGraph {
  const axis = axisOf(document);
  const known = new Set(document.steps.map((step) => step.id));
  const partition = (stage: string | null): string => String(stage === null ? 0 : STAGES.findIndex((one) => one === stage) + 1);
  const upper = Math.min(...document.steps.map((step) => Number(partition(stageOf(step)))));
  const entry: ElkNode = {
    id: ENTRY,
    ...ENTRY_SIZE,
    ports: portsAt(ENTRY, ["next"], ENTRY_SIZE, axis),
    layoutOptions: nodeOptions(String(Number.isFinite(upper) ? upper : 0)),
  };
  const nodes = document.steps.map((step): ElkNode => {
    const names = portsOf(step).map((port) => port.name);
    const size = sizeOf(step);
    return { id: step.id, ...size, ports: portsAt(step.id, names, size, axis), layoutOptions: nodeOptions(partition(stageOf(step))) };
  });
  const places = new Set([entry, ...nodes].flatMap((node) => node.ports.map((port) => port.id)));
  const edges = document.edges
    .filter((edge) => known.has(edge.to) && edge.to !== edge.from)
    .map((edge, n) => ({ id: `e${n}`, sources: [`${edge.from}/${portOf(edge)}`], targets: [`${edge.to}/`] }))
    .filter((edge) => places.has(edge.sources[0] as string));
  const options = document.steps.length > MANY ? { ...OPTIONS, ...SOONER } : OPTIONS;
  const layoutOptions = { ...options, "elk.direction": axis.right ? "RIGHT" : "DOWN" };
  return { id: "journey", layoutOptions, children: [entry, ...nodes], edges };
}

const nodeOptions = (partition: string): Record<string, string> => ({
  "elk.portConstraints": "FIXED_POS",
  "elk.partitioning.partition": partition,
});

/** Where edges leave and arrive: fixed, which keeps their order as well. */
function portsAt(id: string, names: string[], size: Size, axis: Axis): ElkPort[] {
  const at = (name: string, { x, y }: Point, side: string): ElkPort => ({
    id: `${id}/${name}`,
    x,
    y,
    width: 0,
    height: 0,
    layoutOptions: { "elk.port.side": side },
  });
  const out = names.map((name, n) => at(name, portAt(size, names.length, n, axis), axis.right ? "EAST" : "SOUTH"));
  return id === ENTRY ? out : [at("", arrivalAt(size, axis), axis.right ? "WEST" : "NORTH"), ...out];
}

/** The document with the positions that ELK computed, each step in its lane. */
export function arranged(document: JourneyDocument, placed: Pick<ElkNode, "id" | "x" | "y">[], sizeOf: SizeOf): JourneyDocument {
  const positions: Record<string, Point> = {};
  for (const { id, x, y } of placed) positions[id] = onGrid({ x: x ?? 0, y: y ?? 0 });
  return spread({ ...document, layout: { ...document.layout, positions } }, sizeOf);
}

/** Whether some step has no position yet: the draft came from a file or a template. */
export function isUnplaced(document: JourneyDocument): boolean {
  return document.steps.some((step) => own(document.layout?.positions, step.id) === undefined);
}


/** Positions row by row along the edges, to show until ELK has answered. */
export function roughly(document: JourneyDocument, sizeOf: SizeOf): JourneyDocument {
  const depth = new Map<string, number>([[ENTRY, 0]]);
  for (const [id, at] of depth) {
    for (const edge of document.edges) if (edge.from === id && !depth.has(edge.to)) depth.set(edge.to, at + 1);
  }
  const axis = axisOf(document);
  const rows = new Map<string, number>();
  const deepest = Math.max(...depth.values()) + 1;
  const positions: Record<string, Point> = { [ENTRY]: { x: 0, y: 0 } };
  for (const step of document.steps) {
    const row = (STAGES.length + 1) * (depth.get(step.id) ?? deepest) + (step.stage ? STAGES.indexOf(step.stage) + 1 : 0);
    const aside = rows.get(String(row)) ?? 0;
    positions[step.id] = pointOn(axis, (axis.right ? 360 : 176) * (depth.get(step.id) ?? deepest), aside);
    rows.set(String(row), aside + sizeOf(step)[axis.breadth] + 40);
  }
  return spread({ ...document, layout: { ...document.layout, positions: { ...positions, ...document.layout?.positions } } }, sizeOf);
}
