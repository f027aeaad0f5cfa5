/** From a report's figures to what ECharts draws, by the kind of the chart. Pure: the same figures, the same picture. */

import { drawAxes } from "./axes";
import type { Asked, Drawing } from "./drawing";
import { drawFunnel } from "./funnel";
import { drawHeat } from "./heat";
import { drawSankey } from "./sankey";
import { drawScatter } from "./scatter";
import type { Kind } from "./told";

const KINDS: Record<Kind, (asked: Asked) => Drawing> = {
  line: drawAxes, bar: drawAxes, stacked: drawAxes, funnel: drawFunnel, sankey: drawSankey, heatmap: drawHeat, grid: drawHeat, scatter: drawScatter,
};

export const draw = (asked: Asked): Drawing => KINDS[asked.chart.kind](asked);
