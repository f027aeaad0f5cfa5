/** What every kind of chart has in common: the option for ECharts, and its points in the order in which one walks them. */

import type { EChartsCoreOption } from "echarts/core";
import type { Look } from "./look";
import type { Speech } from "./say";
import { type Chart, type Column, columnOf, type Told } from "./told";

/** `said`: title first, then a line for each figure. */
export type Point = { series: number; index: number; said: string[] };
/** Pixels. `least`: the width below which it is scrolled. */
export type Drawing = { option: EChartsCoreOption; points: Point[]; height: number; least?: number };
/** `width`: pixels that there are. */
export type Asked = { told: Told; chart: Chart; look: Look; speech: Speech; width: number };

const ENTITIES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escaped = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one] as string);

/** What one hovers over, as HTML. Names are those of whoever made them: they are never markup. */
export function hover(said: string[] | undefined): string {
  const [title, ...lines] = said ?? [];
  if (title === undefined) return "";
  return `<strong>${escaped(title)}</strong>${lines.map((line) => `<br>${escaped(line)}`).join("")}`;
}

export const isNarrow = (width: number): boolean => width < 480;

export const columnsOf = ({ told, chart }: Asked): Column[] => chart.y.map((name) => columnOf(told, name));

/** The hue of a stage, where the column holds stages. */
export function hueOf({ told, look }: Asked, column: string, code: unknown): string | undefined {
  if (!told.stages?.includes(column)) return undefined;
  return look.stages[String(code || "none")] ?? look.stages.none;
}

export function base({ look }: Asked, trigger: "item" | "axis", said: (at: { series: number; index: number; edge: boolean }) => string[] | undefined): EChartsCoreOption {
  return {
    animation: false,
    useUTC: true,
    textStyle: { fontFamily: look.font, fontSize: 12, color: look.soft },
    tooltip: {
      trigger,
      confine: true,
      backgroundColor: look.raised,
      borderColor: look.edge,
      borderWidth: 1,
      padding: [8, 12],
      transitionDuration: 0,
      extraCssText: "box-shadow: none; font-variant-numeric: tabular-nums; max-width: 320px; white-space: normal;",
      textStyle: { color: look.text, fontSize: 12, lineHeight: 18, fontFamily: look.font },
      axisPointer: { type: "line", lineStyle: { color: look.edge, type: "solid" }, shadowStyle: { color: look.line, opacity: 0.4 } },
      formatter: (params: HoveredOne | HoveredOne[]) => {
        const one = Array.isArray(params) ? params[0] : params;
        return one ? hover(said({ series: one.seriesIndex, index: one.dataIndex, edge: one.dataType === "edge" })) : "";
      },
    },
  };
}

type HoveredOne = { seriesIndex: number; dataIndex: number; dataType?: string };

export function legend({ look, width }: Asked, names: string[]): EChartsCoreOption {
  if (names.length < 2) return {};
  return {
    legend: {
      type: "scroll", data: names, top: 0, left: 0, right: 0, itemWidth: 18, itemHeight: 10, itemGap: isNarrow(width) ? 10 : 16,
      textStyle: { color: look.text, fontFamily: look.font, fontSize: 12 },
      inactiveColor: look.edge, pageIconColor: look.soft, pageIconInactiveColor: look.line, pageTextStyle: { color: look.soft },
    },
  };
}
