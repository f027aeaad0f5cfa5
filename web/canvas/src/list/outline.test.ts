import { describe, expect, it } from "vitest";
import type { Edge, JourneyDocument, Port, StepNode } from "@/document/types";
import { exchanged, movesOf } from "./move";
import { outline, parentOf, type Row, unfolded } from "./outline";

const port = (name: string): Port => ({ name, label: { en: name, ko: name }, required: true });
const PORTS: Record<string, Port[]> = { wait: [port("next")], branch: [port("yes"), port("no")], end: [] };
const portsOf = (step: StepNode): Port[] => PORTS[step.kind] ?? [];
const journey = (kinds: Record<string, string>, links: string[]): JourneyDocument => ({
  key: "j", name: {}, entry: { triggers: [] },
  steps: Object.entries(kinds).map(([id, kind]) => ({ id, kind, settings: {} })),
  edges: links.map((link): Edge => {
    const [from = "", to = ""] = link.split(">");
    const [id = "", name] = from.split(".");
    return { from: id, ...(name ? { port: name } : {}), to };
  }),
});
const shape = (rows: Row[]): string[] =>
  rows.map((row) => `${"  ".repeat(row.depth)}${"branch" in row && row.branch ? `${row.branch.name}: ` : ""}${row.kind === "step" ? row.id : row.kind === "link" ? `→ ${row.to}` : row.kind}`);

describe("a journey as an outline", () => {
  it("lists a chain at one level", () => {
    const document = journey({ a: "wait", b: "end" }, ["entry>a", "a>b"]);
    expect(shape(outline(document, portsOf))).toEqual(["entry", "a", "b"]);
  });

  it("indents branches, and goes on at the outer level where they come together", () => {
    const document = journey({ q: "branch", a: "wait", b: "wait", m: "wait", z: "end" }, ["entry>q", "q.yes>a", "q.no>b", "a>m", "b>m", "m>z"]);
    expect(shape(outline(document, portsOf))).toEqual(["entry", "q", "  yes: a", "  → m", "  no: b", "  → m", "m", "z"]);
  });

  it("links to steps that are listed elsewhere: back, and past others", () => {
    const document = journey({ a: "wait", q: "branch", z: "end" }, ["entry>a", "a>q", "q.yes>a", "q.no>z"]);
    expect(shape(outline(document, portsOf))).toEqual(["entry", "a", "q", "  yes: → a", "  no: z"]);
  });

  it("shows ports that lead nowhere yet, and steps that nothing leads to", () => {
    const document = journey({ q: "branch", x: "wait", y: "end" }, ["entry>q", "x>y"]);
    expect(shape(outline(document, portsOf))).toEqual(["entry", "q", "  yes: open", "  no: open", "loose", "x", "y"]);
    expect(shape(outline(journey({}, []), portsOf))).toEqual(["entry", "open"]);
  });

  it("does not count a port as a branch that need not lead anywhere, and does not", () => {
    const optional: Port[] = [port("next"), { ...port("unsent"), required: false }];
    const document = journey({ m: "message", z: "end" }, ["entry>m", "m>z"]);
    const rows = outline(document, (step) => (step.kind === "message" ? optional : []));
    expect(shape(rows)).toEqual(["entry", "m", "z"]);
    expect(rows[1]).toMatchObject({ kind: "step", spare: [{ name: "unsent" }] });
  });

  it("shows where a step jumps to", () => {
    const document = journey({ a: "wait", g: "end" }, ["entry>a", "a>g"]);
    expect(shape(outline(document, portsOf, (id) => (id === "g" ? ["a"] : [])))).toEqual(["entry", "a", "g", "  → a"]);
  });

  it("lists every step once, loops included", () => {
    const document = journey({ a: "wait", b: "wait", q: "branch", c: "wait" }, ["entry>a", "a>b", "b>q", "q.yes>c", "c>b", "q.no>a"]);
    const rows = outline(document, portsOf);
    expect(rows.filter((row) => row.kind === "step").map((row) => row.id)).toEqual(["a", "b", "q", "c"]);
  });

  it("folds what is below a step, and knows the parent of a row", () => {
    const document = journey({ q: "branch", a: "end", b: "end" }, ["entry>q", "q.yes>a", "q.no>b"]);
    const rows = outline(document, portsOf);
    expect(shape(unfolded(rows, new Set(["q"])))).toEqual(["entry", "q"]);
    expect(parentOf(rows, 2)).toBe(1);
    expect(parentOf(rows, 0)).toBeNull();
  });

  it("takes 2,000 steps in a chain or in branches", () => {
    const ids = Array.from({ length: 2_000 }, (_, n) => `s${n}`);
    const chain = journey(Object.fromEntries(ids.map((id) => [id, "wait"])), ["entry>s0", ...ids.slice(1).map((id, n) => `s${n}>${id}`)]);
    expect(outline(chain, portsOf)).toHaveLength(2_002);
    const comb = journey(Object.fromEntries(ids.map((id) => [id, "branch"])), ["entry>s0", ...ids.slice(1).map((id, n) => `s${n}.yes>${id}`)]);
    expect(outline(comb, portsOf).filter((row) => row.kind === "step")).toHaveLength(2_000);
  });
});

describe("moving a step in its chain", () => {
  const document = {
    ...journey({ a: "wait", b: "wait", c: "end" }, ["entry>a", "a>b", "b>c"]),
    layout: { positions: { a: { x: 0, y: 0 }, b: { x: 0, y: 100 } } },
  };

  it("exchanges it with its neighbour, edges and positions too", () => {
    const moved = exchanged(document, "b", -1);
    expect(moved?.edges).toEqual([{ from: "entry", to: "b" }, { from: "b", port: "next", to: "a" }, { from: "a", port: "next", to: "c" }]);
    expect(moved?.layout?.positions).toEqual({ a: { x: 0, y: 100 }, b: { x: 0, y: 0 } });
    expect(exchanged(document, "a", 1)?.edges).toEqual(moved?.edges);
  });

  it("is refused at the entry, at branches and where edges come together", () => {
    expect(exchanged(document, "a", -1)).toBeNull();
    expect(Object.fromEntries(movesOf(document))).toEqual({ a: { up: false, down: true }, b: { up: true, down: true }, c: { up: true, down: false } });
    const merging = journey({ q: "branch", a: "wait", b: "wait", c: "end" }, ["entry>q", "q.yes>a", "q.no>b", "a>b", "b>c"]);
    expect(movesOf(merging).get("a")).toEqual({ up: false, down: false });
    for (const [id, { up, down }] of movesOf(merging)) {
      expect([exchanged(merging, id, -1) !== null, exchanged(merging, id, 1) !== null]).toEqual([up, down]);
    }
  });
});
