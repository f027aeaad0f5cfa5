/** Who went from where to where. A way that leads back is drawn to a second place of the same name: the picture knows no circles. */

import { type Asked, base, type Drawing, hueOf, isNarrow, type Point } from "./drawing";
import { mix } from "./look";
import { figure, say } from "./say";
import { cellOf, columnOf, inOrderOfLife, numberOf } from "./told";

/** Pixels for a place and its title. */
const LEVEL = 100;

/** `code`: the place without the mark of a second one. */
export type Node = { id: string; code: string; again: boolean };
export type Link = { from: string; to: string; value: number; row: number };

/** Takes circles out: a link to a place from which its own start is reached leads to that place's second node. */
export function withoutCircles(links: Link[]): { nodes: Node[]; links: Link[] } {
  const ways = new Map<string, string[]>();
  const reaches = (from: string, to: string): boolean => {
    const seen = new Set([from]);
    for (const one of seen) {
      if (one === to) return true;
      for (const next of ways.get(one) ?? []) seen.add(next);
    }
    return false;
  };
  const nodes = new Map<string, Node>();
  const node = (code: string, again: boolean): string => {
    const id = again ? `${code}\u0000again` : code;
    nodes.set(id, { id, code, again });
    return id;
  };
  const kept = links.map((link) => {
    const again = link.from === link.to || reaches(link.to, link.from);
    if (!again) ways.set(link.from, [...(ways.get(link.from) ?? []), link.to]);
    return { ...link, from: node(link.from, false), to: node(link.to, again) };
  });
  return { nodes: [...nodes.values()], links: kept };
}

export function drawSankey(asked: Asked): Drawing {
  const { told, chart, look, speech, width } = asked;
  const count = chart.y[0] ?? "";
  const given = told.rows.flatMap((row, n): Link[] => {
    const value = numberOf(cellOf(told, row, count)) ?? 0;
    return value > 0 ? [{ from: String(cellOf(told, row, chart.x) ?? ""), to: String(cellOf(told, row, chart.series) ?? ""), value, row: n }] : [];
  });
  // A table of stages knows every way in both directions: what was, on the left; what came of it, on the right.
  const { nodes, links } = told.stages?.includes(chart.x) ? bothSides(given) : withoutCircles(given);
  const called = (one: Node): string => {
    const stages = told.stages?.includes(chart.x);
    const known = told.labels?.[chart.x]?.[one.code] !== undefined;
    const column = columnOf(told, (stages ? one.again : !known) ? chart.series : chart.x);
    return `${one.again && !stages ? "↩ " : ""}${say(told, column, one.code, speech)}`;
  };
  const titles = new Map(nodes.map((one) => [one.id, called(one)]));
  const ways = links.map((link) => [`${titles.get(link.from)} → ${titles.get(link.to)}`, figure(told, told.rows[link.row] ?? [], count, speech)]);
  const totals = nodes.map((one) => {
    const sum = (side: "from" | "to") => links.filter((link) => link[side] === one.id).reduce((all, link) => all + link.value, 0);
    return [titles.get(one.id) ?? "", `${columnOf(told, count).title}: ${new Intl.NumberFormat(speech.language).format(Math.max(sum("from"), sum("to")))}`];
  });
  const least = depth(links) * LEVEL + 90;
  const hue = (one: Node): string => hueOf(asked, chart.x, one.code) ?? look.accent;
  const option = {
    ...base(asked, "item", ({ index, edge }) => (edge ? ways[index] : totals[index])),
    series: [
      {
        type: "sankey", left: 4, right: isNarrow(width) ? 90 : 150, top: 8, bottom: 8, nodeWidth: 12, nodeGap: 12, draggable: false, layoutIterations: told.stages?.includes(chart.x) ? 0 : 32,
        emphasis: { focus: "adjacency" },
        label: { color: look.text, fontSize: 12, width: Math.min(140, LEVEL * Math.max(1, width / least) - 24), overflow: "truncate", formatter: ({ name }: { name: string }) => titles.get(name) ?? "" },
        data: nodes.map((one) => ({ name: one.id, itemStyle: { color: hue(one), borderWidth: 0 } })),
        links: links.map((link) => ({ source: link.from, target: link.to, value: link.value, lineStyle: { color: mix(hue(at(nodes, link.from)), look.surface, 0.55), opacity: 0.65, curveness: 0.5 } })),
      },
    ],
  };
  const points: Point[] = ways.map((said, index) => ({ series: -1, index, said }));
  return { option, points, height: Math.max(200, Math.min(640, nodes.length * 34 + 40)), least };
}

/** How many places the longest way passes; there are no circles. */
export function depth(links: Link[]): number {
  const known = new Map<string, number>();
  const from = (place: string): number => {
    const found = known.get(place) ?? 1 + Math.max(0, ...links.filter((link) => link.from === place).map((link) => from(link.to)));
    known.set(place, found);
    return found;
  };
  return Math.max(0, ...links.map((link) => from(link.from)));
}

const at = (nodes: Node[], id: string): Node => nodes.find((one) => one.id === id) ?? { id, code: id, again: false };

function bothSides(links: Link[]): { nodes: Node[]; links: Link[] } {
  const kept = links.map((link) => ({ ...link, to: `${link.to}\u0000again` }));
  const sides = [...new Set(kept.map((link) => link.from))].map((id) => ({ id, code: id, again: false }));
  const after = [...new Set(kept.map((link) => link.to))].map((id) => ({ id, code: id.split("\u0000")[0] ?? "", again: true }));
  return { nodes: [...inOrderOfLife(sides, (one) => one.code), ...inOrderOfLife(after, (one) => one.code)], links: kept };
}
