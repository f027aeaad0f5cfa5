/** What the server tells of a report (`GET /api/measures/{name}`), as far as it is drawn. */

export type Unit = "count" | "share" | "money" | "days" | "text" | "day" | "month" | "instant" | "number";
export type Cell = string | number | boolean | null;

export type Column = {
  name: string;
  title: string;
  unit: Unit;
  /** Of a share: the columns of its whole and of its part. */
  of: string;
  numerator: string;
  /** Of money: the column of its currency. */
  currency: string;
};

export type Kind = "line" | "bar" | "stacked" | "funnel" | "sankey" | "heatmap" | "grid" | "scatter";

/** Which columns are drawn. `series`: one line for each of its values; of a sankey: where `x` leads to. */
export type Chart = { kind: Kind; x: string; y: string[]; series: string };

export type Told = {
  columns: Column[];
  charts: Chart[];
  rows: Cell[][];
  /** Rows of the period before, where they are compared. */
  previous?: Cell[][] | null;
  /** What codes are called, by column. */
  labels?: Record<string, Record<string, string>>;
  /** Columns that hold a stage of the lifecycle: drawn in its hue. */
  stages?: string[];
};

export function columnOf(told: Told, name: string): Column {
  return told.columns.find((one) => one.name === name) ?? { name, title: name, unit: "text", of: "", numerator: "", currency: "" };
}

/** The cell of a row by the name of its column. */
export function cellOf(told: Told, row: Cell[], name: string): Cell {
  const at = told.columns.findIndex((one) => one.name === name);
  return at < 0 ? null : (row[at] ?? null);
}

/** A number to draw: money comes as text, so that no digit is lost on the way. */
export function numberOf(cell: Cell): number | null {
  if (cell === null || cell === "" || typeof cell === "boolean") return null;
  const value = Number(cell);
  return Number.isFinite(value) ? value : null;
}

const STAGES: Cell[] = ["intake", "adaptation", "retention", "churn_signal"];
const placeOrLast = (stage: Cell): number => (STAGES.includes(stage) ? STAGES.indexOf(stage) : STAGES.length);

/** Stages in the order of life; those without one come last. */
export const inOrderOfLife = <T>(stages: T[], stage: (one: T) => Cell): T[] => [...stages].sort((a, b) => placeOrLast(stage(a)) - placeOrLast(stage(b)));

/** Distinct values of a column, in the order in which the rows have them; of stages, in that of life. */
export function distinct(told: Told, name: string): Cell[] {
  const found = [...new Set(told.rows.map((row) => cellOf(told, row, name)))];
  return told.stages?.includes(name) ? inOrderOfLife(found, (one) => one) : found;
}

/** What tells rows apart: texts and dates. The currency of an amount is a part of the amount. */
const isKey = (told: Told, one: Column): boolean =>
  ["text", "day", "month", "instant"].includes(one.unit) && !told.columns.some((other) => other.currency === one.name);

/** The currencies of the figure `name` where there are several: what is worth in one is never added to another. */
export function currencies(told: Told, name: string): string[] {
  const { unit, currency } = columnOf(told, name);
  const found = unit === "money" && currency ? distinct(told, currency).filter((one) => one !== null && one !== "") : [];
  return found.length > 1 ? found.map(String) : [];
}

/** Rows that stand for the same place of a chart, as one: counts and amounts are added up, and shares are made of their sums. */
export function gathered(told: Told, rows: Cell[][], of: string): Cell[] | null {
  const [first] = rows;
  if (!first || rows.length === 1) return first ?? null;
  const money = columnOf(told, of).unit === "money";
  const keys = told.columns.filter((one) => isKey(told, one) || (money && one.unit === "text"));
  // A count stands in the row of each currency: it is counted once.
  const each = [...new Map(rows.map((row) => [JSON.stringify(keys.map((one) => cellOf(told, row, one.name))), row])).values()];
  const sums = new Map(told.columns.map((one) => [one.name, each.reduce((sum, row) => sum + (numberOf(cellOf(told, row, one.name)) ?? 0), 0)]));
  return told.columns.map((one) => {
    if (one.unit === "share" && one.of && one.numerator) return (sums.get(one.of) ?? 0) > 0 ? (sums.get(one.numerator) ?? 0) / (sums.get(one.of) as number) : null;
    return one.unit === "count" || one.unit === "money" || one.unit === "number" ? (sums.get(one.name) ?? null) : cellOf(told, first, one.name);
  });
}

/** Every day between the first and the last: a day of which nothing is told has a place too. */
export function everyDay(days: Cell[]): Cell[] {
  const known = days.filter((one): one is string => typeof one === "string").sort();
  const [first, last] = [Date.parse(`${known[0]}T00:00:00Z`), Date.parse(`${known.at(-1)}T00:00:00Z`)];
  if (!(last > first)) return days;
  const found: string[] = [];
  for (let at = first; at <= last; at += 86_400_000) found.push(new Date(at).toISOString().slice(0, 10));
  return found;
}
