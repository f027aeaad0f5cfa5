/** Lines, bars, and bars on top of each other: figures along time, or along names. */

import { type Asked, base, columnsOf, type Drawing, hueOf, isNarrow, legend, type Point } from "./drawing";
import { mix, shades } from "./look";
import { figure, monthDay, say, short } from "./say";
import { type Cell, cellOf, type Column, columnOf, currencies, distinct, everyDay, gathered, numberOf, type Told } from "./told";

/** A row of the chart. `hue`: of a stage; `rows`: by the place of their x, null where there is none. */
type Series = { name: string; column: Column; hue: string | undefined; rows: (Cell[] | null)[] };

const DASHES = ["solid", "dashed", "dotted"] as const;
const MARKS = ["circle", "rect", "triangle", "diamond", "emptyCircle", "emptyRect"] as const;
const BAR = 26;
const MOST_VERTICAL = 8;

function byPlace(told: Told, x: string, fits: (row: Cell[]) => boolean): Map<Cell, Cell[][]> {
  const found = new Map<Cell, Cell[][]>();
  for (const row of told.rows.filter(fits)) {
    const place = cellOf(told, row, x);
    found.set(place, [...(found.get(place) ?? []), row]);
  }
  return found;
}

function seriesOf(asked: Asked, xs: Cell[]): Series[] {
  const { told, chart, speech } = asked;
  const parts: (Cell | undefined)[] = chart.series ? distinct(told, chart.series) : [undefined];
  const found: Series[] = [];
  for (const column of columnsOf(asked)) {
    const split = chart.series === column.currency ? [] : currencies(told, column.name);
    for (const part of parts) {
      for (const currency of split.length ? split : [undefined]) {
        const own = byPlace(told, chart.x, (row) => (part === undefined || cellOf(told, row, chart.series) === part) && (currency === undefined || cellOf(told, row, column.currency) === currency));
        const rows = xs.map((x) => gathered(told, own.get(x) ?? [], column.name));
        const words = [part === undefined ? "" : say(told, columnOf(told, chart.series), part, speech), part === undefined || chart.y.length > 1 ? column.title : "", currency ?? ""];
        found.push({ name: words.filter(Boolean).join(" · "), column, hue: part === undefined ? undefined : hueOf(asked, chart.series, part), rows });
      }
    }
  }
  return found;
}

/** The same period of time before, place by place, drawn pale beside its series: only where there is one series for a column. */
function before(asked: Asked, all: Series[]): Series[] {
  const { told, chart, speech } = asked;
  const x = columnOf(told, chart.x);
  if (!told.previous?.length || chart.series || chart.kind === "stacked" || all.length > chart.y.length) return [];
  const then = { ...told, rows: told.previous };
  // Days stand beside days, the first beside the first; names beside themselves.
  const places = x.unit === "day" ? everyDay(distinct(then, x.name)) : x.unit === "text" ? null : distinct(then, x.name);
  const at = (n: number): Cell | undefined => (places ? places[n] : distinct(told, x.name)[n]);
  const own = byPlace(then, x.name, () => true);
  const rowsOf = (n: number): Cell[][] => own.get(at(n) ?? null) ?? [];
  return all.map((one) => ({ ...one, name: `${one.name} · ${speech.before}`, hue: "", rows: one.rows.map((_, n) => gathered(told, rowsOf(n), one.column.name)) }));
}

/** Drawn from left to right with names at the foot; or, where there are many names, from top to bottom with names before the bars. */
export function drawAxes(asked: Asked): Drawing {
  const { told, chart, look, speech, width } = asked;
  const x = columnOf(told, chart.x);
  const xs = x.unit === "day" ? everyDay(distinct(told, chart.x)) : distinct(told, chart.x);
  const now = seriesOf(asked, xs);
  const all = [...now, ...before(asked, now)];
  const lying = chart.kind !== "line" && x.unit === "text" && (xs.length > MOST_VERTICAL || isNarrow(width) || longNames(asked, xs));
  const said = xs.map((value, n) => [say(told, x, value, speech), ...lines(asked, all, n)]);
  const units = [...new Set(all.map((one) => one.column.unit))].slice(0, 2);
  const colours = shades(look);
  const days = x.unit === "day" ? xs.map((day) => monthDay(String(day), speech.language)) : null;
  const names = { type: "category", data: days ?? said.map(([title]) => title), ...axisLook(asked), axisTick: { show: false }, axisLabel: nameLabel(asked, lying) };
  const values = units.map((unit, n) => valueAxis(asked, unit, n));
  const bars = chart.kind === "stacked" ? 1 : all.length;
  const option = {
    ...base(asked, "axis", ({ index }) => said[index]),
    ...legend(asked, all.length > 1 ? all.map((one) => one.name) : []),
    grid: { left: 4, right: units.length > 1 ? 4 : 16, top: all.length > 1 ? 36 : 12, bottom: 4, containLabel: true },
    [lying ? "yAxis" : "xAxis"]: lying ? { ...names, inverse: true } : names,
    [lying ? "xAxis" : "yAxis"]: values,
    series: all.map((one, n) => drawn(asked, one, n, colours, units, lying)),
  };
  const points: Point[] = said.map((words, index) => ({ series: 0, index, said: words }));
  return { option, points, height: lying ? Math.max(120, xs.length * Math.max(BAR, 14 * bars) + (all.length > 1 ? 72 : 48)) : 280 };
}

function lines(asked: Asked, all: Series[], n: number): string[] {
  const { told, speech } = asked;
  return all.map((one) => `${one.name}: ${one.rows[n] ? figure(told, one.rows[n], one.column.name, speech) : speech.none}`);
}

const longNames = ({ told, chart, speech, width }: Asked, xs: Cell[]): boolean =>
  xs.reduce<number>((sum, one) => sum + say(told, columnOf(told, chart.x), one, speech).length * 8 + 16, 0) > width;

const axisLook = ({ look }: Asked) => ({ axisLine: { lineStyle: { color: look.edge } }, axisLabel: { color: look.soft } });

function nameLabel({ look, width }: Asked, lying: boolean) {
  const label = { color: look.soft, fontSize: 12, hideOverlap: !lying };
  return lying ? { ...label, width: Math.min(220, width * 0.36), overflow: "truncate", interval: 0 } : label;
}

function valueAxis(asked: Asked, unit: Column["unit"], n: number) {
  const { look, speech } = asked;
  return {
    type: "value", ...axisLook(asked), axisLine: { show: false }, alignTicks: true,
    ...(unit === "count" ? { minInterval: 1 } : {}),
    splitLine: { show: n === 0, lineStyle: { color: look.line } },
    axisLabel: { color: look.soft, formatter: (value: number) => short(value, unit, speech), hideOverlap: true },
  };
}

function drawn(asked: Asked, one: Series, n: number, colours: string[], units: Column["unit"][], lying: boolean) {
  const { chart, look, told } = asked;
  const past = one.hue === "";
  const colour = past ? mix(look.soft, look.surface, 0.35) : (one.hue ?? (colours[n % colours.length] as string));
  const at = Math.max(0, units.indexOf(one.column.unit));
  const data = one.rows.map((row) => {
    const value = row && numberOf(cellOf(told, row, one.column.name));
    const hue = row && !chart.series ? hueOf(asked, chart.x, cellOf(told, row, chart.x)) : undefined;
    return hue && chart.kind !== "line" ? { value, itemStyle: { color: hue } } : value;
  });
  const common = { name: one.name, data, [lying ? "xAxisIndex" : "yAxisIndex"]: at, itemStyle: { color: colour } };
  if (chart.kind === "line") {
    return {
      ...common, type: "line", symbol: MARKS[n % MARKS.length], symbolSize: 6, showSymbol: data.length <= 40, connectNulls: one.column.unit !== "share",
      lineStyle: { color: colour, width: 2, type: past ? "dashed" : DASHES[Math.floor(n / 2) % DASHES.length] }, emphasis: { disabled: true },
    };
  }
  const stack = chart.kind === "stacked" ? { stack: "all", itemStyle: { color: colour, borderColor: look.surface, borderWidth: 1 } } : {};
  return { ...common, type: "bar", barMaxWidth: 40, barMinHeight: chart.kind === "stacked" ? 0 : 1, emphasis: { disabled: true }, ...stack };
}
