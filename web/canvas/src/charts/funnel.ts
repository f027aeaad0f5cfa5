/** From entry to goal: how many are left at each stop, one bar below the other, as long as they are many. */

import { type Asked, base, type Drawing, hueOf, isNarrow } from "./drawing";
import { mix } from "./look";
import { figure, say, short } from "./say";
import { type Cell, cellOf, columnOf, distinct, gathered, numberOf } from "./told";

const ROW = 34;

/** In the order of the rows: a later stop may have more than the one before, and then its bar is longer. */
export function drawFunnel(asked: Asked): Drawing {
  const { told, chart, look, speech, width } = asked;
  const name = chart.y[0] ?? "";
  const stops = distinct(told, chart.x).map((stop) => gathered(told, told.rows.filter((row) => cellOf(told, row, chart.x) === stop), name) ?? []);
  const values = stops.map((row) => numberOf(cellOf(told, row, name)) ?? 0);
  const [first = 0] = values;
  const said = stops.map((row, n) => wordsOf(asked, row, values, n));
  const most = Math.max(1, ...values);
  const data = stops.map((row, n) => ({
    value: values[n],
    itemStyle: { color: hueOf(asked, chart.x, cellOf(told, row, chart.x)) ?? mix(look.accent, look.surface, 0.5 * (n / Math.max(1, stops.length - 1))) },
  }));
  const label = (n: number): string => {
    const value = values[n] ?? 0;
    const part = first && n ? ` · ${short(value / first, "share", speech)}` : "";
    return `${new Intl.NumberFormat(speech.language).format(value)}${part}`;
  };
  const option = {
    ...base(asked, "item", ({ index }) => said[index]),
    grid: { left: 4, right: isNarrow(width) ? 88 : 112, top: 4, bottom: 4, containLabel: true },
    yAxis: {
      type: "category", inverse: true, data: said.map(([title]) => title), axisLine: { lineStyle: { color: look.edge } }, axisTick: { show: false },
      axisLabel: { color: look.soft, fontSize: 12, interval: 0, width: Math.min(200, width * 0.34), overflow: "truncate" },
    },
    xAxis: { type: "value", max: most, show: false },
    series: [
      {
        type: "bar", data, barMaxWidth: 24, barMinHeight: 1, emphasis: { disabled: true }, itemStyle: { borderRadius: [0, 3, 3, 0] },
        label: { show: true, position: "right", color: look.text, fontSize: 12, formatter: ({ dataIndex }: { dataIndex: number }) => label(dataIndex) },
      },
    ],
  };
  return { option, points: said.map((words, index) => ({ series: 0, index, said: words })), height: Math.max(80, stops.length * ROW + 8) };
}

/** How many; what part of the first stop, and of the stop before. */
function wordsOf({ told, chart, speech }: Asked, row: Cell[], values: number[], n: number): string[] {
  const name = chart.y[0] ?? "";
  const [first, last, value] = [values[0] ?? 0, values[n - 1] ?? 0, values[n] ?? 0];
  const part = (whole: number): string =>
    `${short(value / whole, "share", speech)} (${speech.of.replace("{part}", short(value, "count", speech)).replace("{whole}", short(whole, "count", speech))})`;
  return [
    say(told, columnOf(told, chart.x), cellOf(told, row, chart.x), speech),
    `${columnOf(told, name).title}: ${figure(told, row, name, speech)}`,
    ...(first && n ? [part(first)] : []),
    ...(last && n > 1 ? [`→ ${part(last)}`] : []),
  ];
}
