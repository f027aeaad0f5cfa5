/** The parts of ECharts that our charts need, and no other; as SVG, which stays sharp and which a page's font reaches. */

import { BarChart, HeatmapChart, LineChart, SankeyChart, ScatterChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { type ECharts, init, use } from "echarts/core";
import { LegacyGridContainLabel } from "echarts/features";
import { SVGRenderer } from "echarts/renderers";

use([BarChart, HeatmapChart, LineChart, SankeyChart, ScatterChart, GridComponent, LegendComponent, TooltipComponent, LegacyGridContainLabel, SVGRenderer]);

export type { ECharts };

/** A chart in this place, which has a size. */
export const start = (place: HTMLElement): ECharts => init(place, null, { renderer: "svg" });
