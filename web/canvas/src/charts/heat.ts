/** A field of cells, the darker the more: cohorts by month, customers by recency and frequency. */

import { type Asked, base, type Drawing, hueOf, isNarrow, type Point } from "./drawing";
import { inkOn, mix } from "./look";
import { figure, say, short } from "./say";
import { cellOf, columnOf, distinct, numberOf } from "./told";

const CELL = 30;

export function drawHeat(asked: Asked): Drawing {
  const { told, chart, look, speech, width } = asked;
  const [x, y, value] = [columnOf(told, chart.x), columnOf(told, chart.series), columnOf(told, chart.y[0] ?? "")];
  const [xs, ys] = [sorted(distinct(told, x.name)), sorted(distinct(told, y.name))];
  const values = told.rows.map((row) => numberOf(cellOf(told, row, value.name)));
  const most = Math.max(0, ...values.map((one) => one ?? 0)) || 1;
  const cells: Point[] = [];
  const room = (width - 90) / Math.max(1, xs.length);
  const data = told.rows.flatMap((row, n) => {
    const amount = values[n];
    if (amount === null || amount === undefined) return [];
    const colour = hueOf(asked, x.name, cellOf(told, row, x.name)) ?? mix(look.low, look.accent, amount / most);
    const said = [`${y.title}: ${say(told, y, cellOf(told, row, y.name), speech)}`, `${x.title}: ${say(told, x, cellOf(told, row, x.name), speech)}`];
    for (const name of chart.y) said.push(`${columnOf(told, name).title}: ${figure(told, row, name, speech)}`);
    cells.push({ series: 0, index: cells.length, said });
    const label = { color: inkOn(colour, look), show: room > 30, formatter: short(amount, value.unit, speech) };
    return [{ value: [xs.indexOf(cellOf(told, row, x.name)), ys.indexOf(cellOf(told, row, y.name)), amount], itemStyle: { color: colour, borderColor: look.surface, borderWidth: 2 }, label }];
  });
  const axis = (column: typeof x, of: typeof xs, name: boolean) => ({
    type: "category", data: of.map((one) => say(told, column, one, speech)), axisLine: { show: false }, axisTick: { show: false }, splitArea: { show: false },
    axisLabel: { color: look.soft, fontSize: 12, hideOverlap: true }, ...(name ? { name: column.title, nameLocation: "middle", nameGap: 28, nameTextStyle: { color: look.soft } } : {}),
  });
  const option = {
    ...base(asked, "item", ({ index }) => cells[index]?.said),
    grid: { left: 4, right: 8, top: 4, bottom: 34, containLabel: true },
    xAxis: axis(x, xs, true),
    yAxis: { ...axis(y, ys, false), inverse: chart.kind === "heatmap" },
    series: [{ type: "heatmap", data, label: { show: true, fontSize: isNarrow(width) ? 10 : 11 }, emphasis: { itemStyle: { borderColor: look.text, borderWidth: 2 } } }],
  };
  return { option, points: cells, height: Math.max(140, ys.length * CELL + 64) };
}

/** Numbers by size; dates and names as they stand in the rows. */
function sorted<T>(values: T[]): T[] {
  return values.every((one) => typeof one === "number") ? [...values].sort((a, b) => Number(a) - Number(b)) : values;
}
