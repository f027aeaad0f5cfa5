/** Durations as a number and a unit. The file holds ISO 8601 (`P2D`) or the short form (`2d`). */

export type Unit = "minutes" | "hours" | "days" | "weeks" | "seconds";
export type Span = { amount: number; unit: Unit };

export const SECONDS: Record<Unit, number> = { seconds: 1, minutes: 60, hours: 3_600, days: 86_400, weeks: 604_800 };

const ISO =
  /^P(?:(\d+(?:\.\d+)?)Y)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const ISO_SECONDS = [365 * SECONDS.days, 30 * SECONDS.days, SECONDS.weeks, SECONDS.days, SECONDS.hours, SECONDS.minutes, 1];
const SHORT = /(\d+)\s*([wdhms])/g;
const SHORT_UNITS: Record<string, Unit> = { w: "weeks", d: "days", h: "hours", m: "minutes", s: "seconds" };

/** Seconds of a duration; null for other text. */
export function secondsOf(text: string): number | null {
  const given = text.trim();
  const iso = ISO.exec(given);
  if (iso && given !== "P" && !given.endsWith("T")) {
    return iso.slice(1).reduce((sum, part, n) => sum + (part === undefined ? 0 : Number(part) * (ISO_SECONDS[n] ?? 0)), 0);
  }
  if (given === "" || given.replace(SHORT, "").trim() !== "") return null;
  return [...given.matchAll(SHORT)].reduce(
    (sum, [, amount, unit]) => sum + Number(amount) * SECONDS[SHORT_UNITS[unit ?? "s"] ?? "seconds"],
    0,
  );
}

/** In the largest unit that is a whole number. Weeks only where they were written: "14 days" stays as it is. */
export function parseSpan(text: string): Span | null {
  const seconds = secondsOf(text);
  if (seconds === null) return null;
  const weeks = /^(P\d+W|\d+\s*w)$/.test(text.trim());
  const units: Unit[] = weeks ? ["weeks"] : ["days", "hours", "minutes", "seconds"];
  const unit = units.find((one) => seconds % SECONDS[one] === 0) ?? "seconds";
  return seconds === 0 ? { amount: 0, unit: "days" } : { amount: seconds / SECONDS[unit], unit };
}

/** ISO 8601. A fraction is written in a smaller unit as a whole number. */
export function formatSpan({ amount, unit }: Span): string {
  const whole = Number.isInteger(amount);
  if (!whole) {
    const span = parseSpan(`PT${Math.round(amount * SECONDS[unit])}S`);
    return span ? formatSpan(span) : "PT0S";
  }
  switch (unit) {
    case "weeks":
      return `P${amount}W`;
    case "days":
      return `P${amount}D`;
    case "hours":
      return `PT${amount}H`;
    case "minutes":
      return `PT${amount}M`;
    case "seconds":
      return `PT${amount}S`;
  }
}
