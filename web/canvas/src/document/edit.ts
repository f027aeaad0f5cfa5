/** Changes of a journey, as functions from document to document. Nothing here knows a kind of step by name. */

import { inLanguages, languagesOf } from "./languages";
import { type Edge, ENTRY, type JourneyDocument, type LocalText, type Point, type Port, type Stage, type StepNode, type StepType } from "./types";

/** A step's ports: the server knows them, and the step's type until it has answered. */
export type PortsOf = (step: StepNode) => Port[];

export const portOf = (edge: Edge): string => edge.port ?? "next";
/** One edge leaves each port, so that its port identifies it: `step/port`. */
export const edgeId = (edge: Edge): string => `${edge.from}/${portOf(edge)}`;
export const samePort = (a: Edge, b: Edge): boolean => edgeId(a) === edgeId(b);

/** A step's ports, and those that edges leave by although the step does not have them. */
export function portsWithLost(step: StepNode, edges: readonly Edge[], portsOf: PortsOf): Port[] {
  const ports = portsOf(step);
  const known = new Set(ports.map((port) => port.name));
  const lost = edges.filter((edge) => edge.from === step.id && !known.has(portOf(edge))).map(portOf);
  if (lost.length === 0) return ports;
  return [...ports, ...[...new Set(lost)].map((name) => ({ name, label: { en: name, ko: name }, required: false }))];
}

/** An id that no step has yet: the stem, with a number where needed. */
export function freeId(document: Pick<JourneyDocument, "steps">, stem: string, taken: ReadonlySet<string> = new Set()): string {
  const used = new Set([...document.steps.map((step) => step.id), ...taken, ENTRY]);
  const base = stem.replace(/[-_]?\d+$/, "") || stem;
  if (!used.has(base)) return base;
  let n = 2;
  while (used.has(`${base}-${n}`)) n += 1;
  return `${base}-${n}`;
}

/** A new step of a kind, with the kind's default settings. A second one of its kind is numbered: lists name steps by their title alone. */
export function newStep(document: JourneyDocument, type: StepType, stage: Stage | null, languages: Languages = NO_LANGUAGES): StepNode {
  const id = freeId(document, type.kind.replaceAll("_", "-"));
  const spoken = languagesOf(document, languages.known);
  const settings = inLanguages(structuredClone(type.defaults), spoken.length > 0 ? spoken : languages.first, languages.known);
  const n = /-(\d+)$/.exec(id)?.[1];
  const label = n === undefined || type.family === "end" ? {} : { label: mapped(type.title, (title) => `${title} ${n}`) };
  return { id, kind: type.kind, stage, settings, ...label };
}

const mapped = (words: LocalText, change: (said: string) => string): LocalText =>
  Object.fromEntries(Object.entries(words).map(([tag, said]) => [tag, change(said)]));

/** `known`: of the product. `first`: what the first words of a journey are written in. */
export type Languages = { known: readonly string[]; first: readonly string[] };
const NO_LANGUAGES: Languages = { known: [], first: [] };

export function addStep(document: JourneyDocument, step: StepNode, at: Point): JourneyDocument {
  return { ...document, steps: [...document.steps, step], layout: placed(document, { [step.id]: at }) };
}

export function placed(document: JourneyDocument, moved: Record<string, Point>): NonNullable<JourneyDocument["layout"]> {
  return { ...document.layout, positions: { ...document.layout?.positions, ...moved } };
}

/** Draws an edge. It replaces the one that left the same port. */
export function connect(document: JourneyDocument, edge: Edge): JourneyDocument {
  return { ...document, edges: [...document.edges.filter((other) => !samePort(other, edge)), edge] };
}

export function disconnect(document: JourneyDocument, gone: Edge): JourneyDocument {
  return { ...document, edges: document.edges.filter((edge) => !(samePort(edge, gone) && edge.to === gone.to)) };
}

/** Puts a step into an edge to B: the edge leads to the step, and the step's first port to B. */
export function insertInto(document: JourneyDocument, edge: Edge, step: StepNode, ports: Port[], at: Point): JourneyDocument {
  const added = addStep(document, step, at);
  const led = connect(added, { ...edge, to: step.id });
  const first = ports[0];
  return first ? connect(led, { from: step.id, port: first.name, to: edge.to }) : led;
}

/** Removes steps. Where all ports of what is gone led to one step, the edges that led to it lead on there. */
export function removeSteps(document: JourneyDocument, ids: readonly string[]): JourneyDocument {
  const gone = new Set(ids);
  const onward = (id: string, seen: Set<string> = new Set()): string | null => {
    if (!gone.has(id)) return id;
    if (seen.has(id)) return null;
    const targets = new Set(document.edges.filter((edge) => edge.from === id).map((edge) => onward(edge.to, new Set([...seen, id]))));
    return targets.size === 1 ? ([...targets][0] ?? null) : null;
  };
  const edges = document.edges.flatMap((edge) => {
    if (gone.has(edge.from)) return [];
    const to = onward(edge.to);
    return to === null || (to === edge.from && edge.to !== edge.from) ? [] : [{ ...edge, to }];
  });
  const positions = Object.fromEntries(Object.entries(document.layout?.positions ?? {}).filter(([id]) => !gone.has(id)));
  return { ...document, steps: document.steps.filter((step) => !gone.has(step.id)), edges, layout: { ...document.layout, positions } };
}

export function changeStep(document: JourneyDocument, id: string, change: Partial<StepNode>): JourneyDocument {
  return { ...document, steps: document.steps.map((step) => (step.id === id ? { ...step, ...change } : step)) };
}

/** Steps and the edges between them, as the clipboard holds them. */
export type Clip = { sojourn: "steps"; steps: StepNode[]; edges: Edge[]; positions: Record<string, Point> };

export function copied(document: JourneyDocument, ids: readonly string[]): Clip {
  const chosen = new Set(ids);
  const positions = Object.fromEntries(Object.entries(document.layout?.positions ?? {}).filter(([id]) => chosen.has(id)));
  return {
    sojourn: "steps",
    steps: document.steps.filter((step) => chosen.has(step.id)),
    edges: document.edges.filter((edge) => chosen.has(edge.from) && chosen.has(edge.to)),
    positions,
  };
}

/** Inserts a clip, moved by `offset`, with new ids where the old ones are taken. `ids`: those of the pasted steps. */
export function pasted(document: JourneyDocument, clip: Clip, offset: Point): { document: JourneyDocument; ids: string[] } {
  const names = new Map<string, string>();
  for (const step of clip.steps) names.set(step.id, freeId(document, step.id, new Set(names.values())));
  const renamed = (id: string): string => names.get(id) ?? id;
  const steps = clip.steps.map((step) => ({ ...structuredClone(step), id: renamed(step.id) }));
  const edges = clip.edges.map((edge) => ({ ...edge, from: renamed(edge.from), to: renamed(edge.to) }));
  const moved = Object.fromEntries(
    Object.entries(clip.positions).map(([id, at]) => [renamed(id), { x: at.x + offset.x, y: at.y + offset.y }]),
  );
  const whole = { ...document, steps: [...document.steps, ...steps], edges: [...document.edges, ...edges] };
  return { document: { ...whole, layout: placed(document, moved) }, ids: steps.map((step) => step.id) };
}

/** Removes the edges of some ports of a step. */
export function withoutPorts(document: JourneyDocument, id: string, ports: readonly string[]): JourneyDocument {
  const edges = document.edges.filter((edge) => edge.from !== id || !ports.includes(portOf(edge)));
  return edges.length === document.edges.length ? document : { ...document, edges };
}
