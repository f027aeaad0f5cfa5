/** How figures of a report are written: as the page's own language writes numbers, money, days and months. */

import { type Cell, cellOf, type Column, columnOf, numberOf, type Told } from "./told";

export type Speech = {
  /** A BCP 47 tag. */
  language: string;
  zone: string;
  /** `{part} of {whole}` and the other phrases of a chart, filled by whoever says them. */
  of: string;
  days: string;
  none: string;
  before: string;
};

const SHORT_FROM = 10_000;

export function number(value: number, speech: Speech, most = 2): string {
  return new Intl.NumberFormat(speech.language, { maximumFractionDigits: most }).format(value);
}

/** On an axis, where room is short: 12K, 1.2만. */
export function short(value: number, unit: Column["unit"], speech: Speech): string {
  if (unit === "share") return new Intl.NumberFormat(speech.language, { style: "percent", maximumFractionDigits: 1 }).format(value);
  const notation = Math.abs(value) < SHORT_FROM ? "standard" : "compact";
  return new Intl.NumberFormat(speech.language, { notation, maximumFractionDigits: 2 }).format(value);
}

function money(value: number, currency: string, speech: Speech): string {
  if (!currency) return number(value, speech);
  try {
    return new Intl.NumberFormat(speech.language, { style: "currency", currency, trailingZeroDisplay: "stripIfInteger" }).format(value);
  } catch {
    return `${number(value, speech)} ${currency}`; // no currency that is known here
  }
}

/** A day or a month is a date without a clock: it is the same in every zone. */
function calendar(cell: string, unit: "day" | "month", language: string): string {
  const date = new Date(`${cell.slice(0, 10)}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) return cell;
  const parts: Intl.DateTimeFormatOptions = unit === "month" ? { year: "numeric", month: "short" } : { year: "numeric", month: "short", day: "numeric" };
  return new Intl.DateTimeFormat(language, { ...parts, timeZone: "UTC" }).format(date);
}

/** On an axis, where the year is said elsewhere. */
export const monthDay = (day: string, language: string): string =>
  new Intl.DateTimeFormat(language, { month: "short", day: "numeric", timeZone: "UTC" }).format(new Date(`${day.slice(0, 10)}T00:00:00Z`));

function instant(cell: string, speech: Speech): string {
  const date = new Date(cell);
  if (Number.isNaN(date.getTime())) return cell;
  const options: Intl.DateTimeFormatOptions = { dateStyle: "medium", timeStyle: "short", timeZone: speech.zone };
  return new Intl.DateTimeFormat(speech.language, options).format(date);
}

/** One cell in words, as the table beside the chart has it. */
export function say(told: Told, column: Column, cell: Cell, speech: Speech, currency = ""): string {
  const called = told.labels?.[column.name]?.[String(cell ?? "")];
  if (called !== undefined) return called;
  if (cell === null || cell === "") return speech.none;
  if (column.unit === "day" || column.unit === "month") return calendar(String(cell), column.unit, speech.language);
  if (column.unit === "instant") return instant(String(cell), speech);
  const value = column.unit === "text" ? null : numberOf(cell);
  if (value === null) return String(cell);
  if (column.unit === "share") return short(value, "share", speech);
  if (column.unit === "money") return money(value, currency, speech);
  const said = number(value, speech);
  return column.unit === "days" ? speech.days.replace("{count}", said) : said;
}

/** A figure of a row with its title; of a share also its part and its whole. */
export function figure(told: Told, row: Cell[], name: string, speech: Speech): string {
  const column = columnOf(told, name);
  const currency = column.currency ? String(cellOf(told, row, column.currency) ?? "") : "";
  const said = say(told, column, cellOf(told, row, name), speech, currency);
  const whole = numberOf(column.of ? cellOf(told, row, column.of) : null);
  const part = numberOf(column.numerator ? cellOf(told, row, column.numerator) : null);
  if (whole === null || part === null || cellOf(told, row, name) === null) return said;
  return `${said} (${speech.of.replace("{part}", number(part, speech)).replace("{whole}", number(whole, speech))})`;
}
