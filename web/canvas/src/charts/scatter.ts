/** Each row one mark: one figure against another. */

import { type Asked, base, type Drawing, hueOf, legend } from "./drawing";
import { shades } from "./look";
import { figure, say, short } from "./say";
import { type Cell, cellOf, columnOf, distinct, numberOf } from "./told";

const MARKS = ["circle", "rect", "triangle", "diamond"] as const;

export function drawScatter(asked: Asked): Drawing {
  const { told, chart, look, speech } = asked;
  const [x, y] = [columnOf(told, chart.x), columnOf(told, chart.y[0] ?? "")];
  const parts: (Cell | undefined)[] = chart.series ? distinct(told, chart.series) : [undefined];
  const named = (row: Cell[]): string[] => told.columns.filter((one) => one.unit === "text" || one.unit === "month").map((one) => say(told, one, cellOf(told, row, one.name), speech));
  const said: string[][][] = [];
  const colours = shades(look);
  const series = parts.map((part, n) => {
    const rows = told.rows.filter((row) => part === undefined || cellOf(told, row, chart.series) === part);
    said.push(rows.map((row) => [named(row).join(" · ") || x.title, ...[x, y].map((one) => `${one.title}: ${figure(told, row, one.name, speech)}`)]));
    const colour = (part !== undefined && hueOf(asked, chart.series, part)) || (colours[n % colours.length] as string);
    return {
      type: "scatter", name: part === undefined ? y.title : say(told, columnOf(told, chart.series), part, speech),
      symbol: MARKS[n % MARKS.length], symbolSize: 11, itemStyle: { color: colour, opacity: 0.85, borderColor: look.surface, borderWidth: 1 },
      data: rows.map((row) => [numberOf(cellOf(told, row, x.name)), numberOf(cellOf(told, row, y.name))]), emphasis: { scale: 1.3 },
    };
  });
  const axis = (column: typeof x) => ({
    type: "value", scale: column.unit !== "share", name: column.title, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: look.soft },
    axisLabel: { color: look.soft, hideOverlap: true, formatter: (value: number) => short(value, column.unit, speech) }, axisLine: { lineStyle: { color: look.edge } }, splitLine: { lineStyle: { color: look.line } },
  });
  const option = {
    ...base(asked, "item", (at) => said[at.series]?.[at.index]),
    ...legend(asked, parts.length > 1 ? series.map((one) => one.name) : []),
    grid: { left: 28, right: 16, top: parts.length > 1 ? 36 : 12, bottom: 34, containLabel: true },
    xAxis: axis(x), yAxis: axis(y), series,
  };
  const points = said.flatMap((rows, at) => rows.map((words, index) => ({ series: at, index, said: words })));
  return { option, points, height: 320 };
}
