/** Journeys for the tests: those of the gallery and of the examples, and random ones, arranged as the canvas arranges them. */

import Elk from "elkjs/lib/elk.bundled.js";
import { arranged, graphOf, roughly } from "@/document/layout";
import { axisOf } from "@/document/axis";
import { sizeOf } from "@/document/size";
import { type JourneyDocument, type Port, STAGES, type Stage, type StepNode } from "@/document/types";
import type { Ways } from "./wires";
import written from "./journeys.fixture.json";

type Shape = { steps: { id: string; stage: string | null; ports: string[]; targets: string[] }[]; edges: { from: string; port: string; to: string }[] };
export type Sample = { name: string; document: JourneyDocument; ways: Ways };

const port = (name: string): Port => ({ name, label: { en: name, ko: name }, required: true });

function sampleOf(name: string, { steps, edges }: Shape): Sample {
  const ports = new Map(steps.map((step) => [step.id, step.ports.map(port)]));
  const targets = new Map(steps.map((step) => [step.id, step.targets]));
  const nodes = steps.map(({ id, stage }): StepNode => ({ id, kind: "x", stage: stage as Stage | null, settings: {} }));
  return {
    name,
    document: { key: "k", name: {}, entry: {}, steps: nodes, edges },
    ways: { ports: (step) => ports.get(step.id) ?? [], targets: (id) => targets.get(id) ?? [] },
  };
}

export const kept = (): Sample[] => Object.entries(written as Record<string, Shape>).map(([name, shape]) => sampleOf(name, shape));

/** Numbers from 0 to 1 that are the same in every run. */
export function random(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** A journey of up to thirty steps: mostly forwards, some back, some jumps; stages that follow one another, mostly. */
export function generated(seed: number): Sample {
  const next = random(seed);
  const pick = (below: number): number => Math.floor(next() * below);
  const count = 2 + pick(28);
  const steps: Shape["steps"] = [];
  const edges: Shape["edges"] = [{ from: "entry", port: "next", to: "s0" }];
  for (let n = 0; n < count; n += 1) {
    const stage = next() < 0.85 ? STAGES[Math.floor((n * STAGES.length) / count)] : next() < 0.5 ? STAGES[pick(4)] : null;
    const ends = n === count - 1 || next() < 0.12;
    const ports = ends ? [] : Array.from({ length: 1 + (next() < 0.45 ? 1 + pick(4) : 0) }, (_, k) => `p${k}`);
    for (const name of ports) {
      const to = next() < 0.12 ? pick(count) : Math.min(count - 1, n + 1 + Math.floor(next() ** 3 * 9));
      if (next() < 0.92) edges.push({ from: `s${n}`, port: name, to: `s${to}` });
    }
    steps.push({ id: `s${n}`, stage: stage ?? null, ports, targets: ends && next() < 0.4 ? [`s${pick(count)}`] : [] });
  }
  return sampleOf(`generated/${seed}`, { steps, edges });
}

/** The same journey, to be run from left to right. */
export const rightwards = ({ document, ...rest }: Sample): Sample => ({ ...rest, document: { ...document, layout: { lanes: "vertical" } } });

const elk = new Elk();

/** As *Arrange* places it. */
export async function placed({ document, ways, ...rest }: Sample): Promise<Sample> {
  const size = (step: StepNode) => sizeOf(ways.ports(step), axisOf(document));
  const answer = await elk.layout(graphOf(document, (step) => [...ways.ports(step)], size) as never);
  return { ...rest, ways, document: arranged(document, (answer.children ?? []) as never, size) };
}

/** As it is shown until it is arranged. */
export const rough = ({ document, ways, ...rest }: Sample): Sample => ({ ...rest, ways, document: roughly(document, (step) => sizeOf(ways.ports(step), axisOf(document))) });

/** As somebody might have moved it: each step somewhere beside where it was, none upon another. */
export function moved({ document, ways, ...rest }: Sample, seed: number): Sample {
  const next = random(seed);
  const positions = { ...document.layout?.positions };
  const boxes = new Map([...document.steps.map((step) => [step.id, sizeOf(ways.ports(step), axisOf(document))] as const), ["entry", sizeOf([], axisOf(document))] as const]);
  const free = (id: string, x: number, y: number): boolean =>
    [...boxes].every(([other, size]) => {
      const at = positions[other];
      const own = boxes.get(id);
      if (other === id || !at || !own) return true;
      return x >= at.x + size.width + 24 || at.x >= x + own.width + 24 || y >= at.y + size.height + 24 || at.y >= y + own.height + 24;
    });
  for (const id of boxes.keys()) {
    const at = positions[id] ?? { x: 0, y: 0 };
    const to = { x: at.x + 8 * Math.floor((next() - 0.5) * 60), y: at.y + 8 * Math.floor((next() - 0.5) * 40) };
    if (free(id, to.x, to.y)) positions[id] = to;
  }
  return { ...rest, ways, document: { ...document, layout: { ...document.layout, positions } } };
}
