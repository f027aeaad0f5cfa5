/** A journey as an outline: steps in the order in which a customer comes to them, one level deeper for each branch. */

import { edgeId, portsWithLost, type PortsOf } from "@/document/edit";
import { type Edge, ENTRY, type JourneyDocument, type Port, type StepNode } from "@/document/types";

/** The port that leads to a row. */
export type Via = { from: string; port: string };
export type Row =
  | { kind: "entry"; id: string; depth: number; via: null }
  /** `branch`: the port, where the row is the first of a branch; its title stands before the row. */
  /** `spare`: ports that need not lead anywhere, and do not. */
  | { kind: "step"; id: string; depth: number; via: Via | null; branch: Port | null; step: StepNode; ports: Port[]; spare: Port[] }
  /** The journey goes on at a step that is listed elsewhere. */
  | { kind: "link"; id: string; depth: number; via: Via; branch: Port | null; to: string }
  /** A port that leads nowhere yet. */
  | { kind: "open"; id: string; depth: number; via: Via; branch: Port | null; required: boolean }
  /** Heads the steps that no edge leads to. */
  | { kind: "loose"; id: string; depth: number; via: null };

type Jumps = (id: string) => readonly string[];

/** Steps at which a branch stops, because they are listed at an outer level. */
type Stops = { at: string; outer: Stops } | null;
/** One port to follow. `quiet`: branches come together there, and each has a link to it already. */
type Visit = { via: Via | null; to: string | undefined; depth: number; branch: Port | null; stops: Stops; quiet: boolean };

/** Branches that come together only after so many steps get a link instead. */
const LOOK_AHEAD = 300;

const isStop = (stops: Stops, id: string): boolean => {
  for (let stop = stops; stop; stop = stop.outer) if (stop.at === id) return true;
  return false;
};

const portId = (via: Via): string => `${via.from}/${via.port}`;

export function outline(document: JourneyDocument, portsOf: PortsOf, jumps: Jumps = () => []): Row[] {
  return new Outline(document, portsOf, jumps).rows();
}

class Outline {
  private readonly steps: Map<string, StepNode>;
  private readonly edges = new Map<string, Edge>();
  private readonly out = new Map<string, string[]>();
  private readonly listed = new Set<string>();
  private readonly found: Row[] = [];

  constructor(
    private readonly document: JourneyDocument,
    private readonly portsOf: PortsOf,
    private readonly jumps: Jumps,
  ) {
    this.steps = new Map(document.steps.map((step) => [step.id, step]));
    for (const edge of document.edges) {
      if (!this.steps.has(edge.to)) continue;
      this.edges.set(edgeId(edge), edge);
      this.out.set(edge.from, [...(this.out.get(edge.from) ?? []), edge.to]);
    }
  }

  rows(): Row[] {
    this.found.push({ kind: "entry", id: ENTRY, depth: 0, via: null });
    this.work({ via: { from: ENTRY, port: "next" }, to: this.target(ENTRY, "next"), depth: 0, branch: null, stops: null, quiet: false });
    const targets = new Set(this.document.edges.filter((edge) => this.steps.has(edge.from)).map((edge) => edge.to));
    const rest = (): StepNode[] => this.document.steps.filter((step) => !this.listed.has(step.id));
    if (rest().length > 0) {
      this.found.push({ kind: "loose", id: "loose", depth: 0, via: null });
      for (const step of [...rest().filter((one) => !targets.has(one.id)), ...rest()]) {
        if (!this.listed.has(step.id)) this.work({ via: null, to: step.id, depth: 0, branch: null, stops: null, quiet: false });
      }
    }
    return this.found;
  }

  private target(from: string, port: string): string | undefined {
    return this.edges.get(`${from}/${port}`)?.to;
  }

  /** Keeps a stack of its own: a journey may be deeper than the engine's. */
  private work(first: Visit): void {
    const visits = [first];
    for (let visit = visits.pop(); visit; visit = visits.pop()) visits.push(...this.follow(visit).reverse());
  }

  /** Lists what a port leads to, and returns the ports to follow from there, in order. */
  private follow(visit: Visit): Visit[] {
    const { via, to, depth, branch, stops } = visit;
    if (to === undefined) {
      if (via) this.found.push({ kind: "open", id: `open ${portId(via)}`, depth, via, branch, required: branch?.required ?? true });
      return [];
    }
    if (this.listed.has(to) || isStop(stops, to)) {
      if (via && !visit.quiet) this.found.push({ kind: "link", id: `link ${portId(via)}`, depth, via, branch, to });
      return [];
    }
    const step = this.steps.get(to);
    return step ? this.list(step, visit) : [];
  }

  private list(step: StepNode, { via, depth, branch, stops, quiet }: Visit): Visit[] {
    const { id } = step;
    this.listed.add(id);
    const all = portsWithLost(step, this.document.edges, this.portsOf);
    const [ports, spare] = [all.filter((port) => this.counts(id, port, all)), all.filter((port) => !this.counts(id, port, all))];
    this.found.push({ kind: "step", id, depth, via: quiet ? null : via, branch, step, ports, spare });
    for (const to of this.jumps(id)) {
      if (this.steps.has(to)) this.found.push({ kind: "link", id: `jump ${id} ${to}`, depth: depth + 1, via: { from: id, port: "" }, branch: null, to });
    }
    const visitOf = (port: Port): Visit => ({ via: { from: id, port: port.name }, to: this.target(id, port.name), depth, branch: null, stops, quiet: false });
    if (ports.length < 2) return ports.map(visitOf);
    // Branches are one level deeper; the step at which they come together is listed at this level.
    const join = this.joinOf(id, ports);
    const inner = join === null ? stops : { at: join, outer: stops };
    const branches = ports.map((port) => ({ ...visitOf(port), depth: depth + 1, branch: port, stops: inner }));
    return join === null ? branches : [...branches, { via: { from: id, port: "" }, to: join, depth, branch: null, stops, quiet: true }];
  }

  /** Whether a port is listed as a branch: it leads somewhere, or has to. */
  private counts(id: string, port: Port, all: readonly Port[]): boolean {
    return port.required || all.length === 1 || this.target(id, port.name) !== undefined;
  }

  /** The nearest step at which most branches come together, if any do; not one that is listed already. */
  private joinOf(id: string, ports: readonly Port[]): string | null {
    const reached = new Map<string, number>();
    const orders = ports.map((port) => this.reach(this.target(id, port.name)));
    let most = 1;
    for (const order of orders) {
      for (const one of order) {
        const times = (reached.get(one) ?? 0) + 1;
        reached.set(one, times);
        most = Math.max(most, times);
      }
    }
    if (most < 2) return null;
    for (const order of orders) for (const one of order) if (reached.get(one) === most) return one;
    return null;
  }

  /** The steps that can be reached from one, the nearest first, as far as `LOOK_AHEAD`. */
  private reach(from: string | undefined): string[] {
    if (from === undefined || this.listed.has(from)) return [];
    const seen = new Set([from]);
    for (const id of seen) {
      if (seen.size > LOOK_AHEAD) break;
      for (const to of this.out.get(id) ?? []) if (!this.listed.has(to)) seen.add(to);
    }
    return [...seen];
  }
}

/** Without what lies under steps that are folded. */
export function unfolded(rows: readonly Row[], folded: ReadonlySet<string>): Row[] {
  const shown: Row[] = [];
  let under: number | null = null;
  for (const row of rows) {
    if (under !== null && row.depth > under) continue;
    under = row.kind === "step" && folded.has(row.id) ? row.depth : null;
    shown.push(row);
  }
  return shown;
}

/** The row that a row hangs under. */
export function parentOf(rows: readonly Row[], index: number): number | null {
  const depth = rows[index]?.depth ?? 0;
  for (let at = index - 1; at >= 0; at -= 1) if ((rows[at]?.depth ?? 0) < depth) return at;
  return null;
}
