/** Numbers, money and instants in the reader's language. */

import { page } from "@/page";
import { language, number } from "@/words";

const COMPACT_FROM = 10_000;

/** Short from ten thousand on: 12.3K, 1.2만. Show the full number in a title. */
export function compact(value: number): string {
  if (Math.abs(value) < COMPACT_FROM) return number(value);
  return new Intl.NumberFormat(language(), { notation: "compact", maximumFractionDigits: 1 }).format(value);
}

export function money(value: number, currency: string | null): string {
  if (!currency) return compact(value);
  try {
    return new Intl.NumberFormat(language(), {
      style: "currency",
      currency,
      notation: Math.abs(value) < 1_000_000 ? "standard" : "compact",
      maximumFractionDigits: 1,
      trailingZeroDisplay: "stripIfInteger",
    }).format(value);
  } catch {
    return `${compact(value)} ${currency}`; // no currency that is known here
  }
}

/** Part of a whole; null when there is no whole. */
export function percent(part: number, whole: number): string | null {
  if (whole <= 0) return null;
  return new Intl.NumberFormat(language(), { style: "percent", maximumFractionDigits: 1 }).format(part / whole);
}

type Form = "short" | "full" | "time" | "day";

const FORMS: Record<Form, (month: "long" | "short") => Intl.DateTimeFormatOptions> = {
  short: (month) => ({ month, day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  full: (month) => ({
    year: "numeric", month, day: "numeric", weekday: "short",
    hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23", timeZoneName: "short",
  }),
  time: () => ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" }),
  day: (month) => ({ month, day: "numeric", weekday: "short" }),
};

const formats = new Map<string, Intl.DateTimeFormat>();

function format(form: Form, zone: string): Intl.DateTimeFormat {
  const name = `${language()} ${form} ${zone}`;
  let found = formats.get(name);
  if (!found) {
    const options = FORMS[form](language() === "ko" ? "long" : "short");
    found = new Intl.DateTimeFormat(language(), { ...options, timeZone: zone });
    formats.set(name, found);
  }
  return found;
}

/** An instant on the workspace's clock, or on a customer's own. */
export function when(at: string | number | Date, form: Form = "short", zone: string = page.timeZone): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? String(at) : format(form, zone).format(date);
}
