/** The script of a test run: customer, start, events, and the time on the clock. Kept in the browser, per journey. */

import type { JourneyDocument, Json, JsonObject, Stage } from "@/document/types";
import type { NamesState } from "@/document/names";

export type Invented = {
  attributes: JsonObject;
  consents: Record<string, boolean>;
  contacts: Record<string, string>;
  tags: string[];
  stage: Stage | null;
  time_zone: string;
  locale: string;
  seed: string;
};
export type Who = { kind: "invented"; customer: Invented } | { kind: "picked"; id: string; name: string };
export type Played = { at: string; name: string; properties: JsonObject };
export type Script = {
  who: Who;
  /** Null: now, as the server's clock says. */
  start: string | null;
  clock: string | null;
  /** The latest time that the clock has had. */
  far: string | null;
  events: Played[];
};

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
const SECOND = 1_000;
/** The longest time that the server plays, in milliseconds. */
export const LONGEST = 3_650 * DAY;

const iso = (instant: number): string => new Date(instant).toISOString();
const later = (a: string | null, b: string): string => (a === null || Date.parse(b) > Date.parse(a) ? b : a);

/** Starts at the server's time, in milliseconds. */
export function startedAt(script: Script, start: string): Script {
  const at = iso(Date.parse(start));
  return { ...script, start: at, clock: at, far: at };
}

/** Moves the clock, forwards or back, never before the start. */
export function moveClock(script: Script, to: string | number): Script {
  if (script.start === null) return script;
  const start = Date.parse(script.start);
  const clock = iso(Math.min(Math.max(start, new Date(to).getTime()), start + LONGEST));
  return { ...script, clock, far: later(script.far, clock) };
}

/** Adds an event now, or `after` milliseconds, and moves the clock there. No two events have the same instant. */
export function play(script: Script, name: string, properties: JsonObject, after = 0): Script {
  if (script.clock === null) return script;
  let at = Date.parse(script.clock) + after;
  const taken = new Set(script.events.map((event) => Date.parse(event.at)));
  while (taken.has(at)) at += SECOND;
  const events = [...script.events, { at: iso(at), name, properties }].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return moveClock({ ...script, events }, at);
}

export function withoutEvent(script: Script, gone: Played): Script {
  return { ...script, events: script.events.filter((event) => event !== gone) };
}

/** Moves an event by so many milliseconds, never before the start. The clock comes along, so that one sees it. */
export function moveEvent(script: Script, moved: Played, by: number): Script {
  if (script.start === null) return script;
  const rest = script.events.filter((event) => event !== moved);
  const taken = new Set(rest.map((event) => Date.parse(event.at)));
  let at = Math.max(Date.parse(script.start), Date.parse(moved.at) + by);
  while (taken.has(at)) at += SECOND;
  const events = [...rest, { ...moved, at: iso(at) }].sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const changed = { ...script, events };
  return script.clock !== null && at > Date.parse(script.clock) ? moveClock(changed, at) : changed;
}

type Told = {
  start: string;
  until: string;
  events: readonly { at: string; name: string; properties: Record<string, unknown> }[];
  customer: {
    attributes?: Record<string, unknown>;
    consents?: Record<string, boolean> | null;
    contacts?: Record<string, string | null> | null;
    tags?: readonly string[] | null;
    stage?: Stage | null;
    time_zone?: string | null;
    locale?: string | null;
    seed?: string;
  };
};

/** A script as the server tells one: of a made-up customer, or of a run that was. `locale`: of a customer without one. */
export function scriptOf(told: Told, locale: string): Script {
  const { customer } = told;
  const who: Invented = {
    attributes: (customer.attributes ?? {}) as JsonObject,
    consents: customer.consents ?? {},
    contacts: Object.fromEntries(Object.entries(customer.contacts ?? {}).filter((entry): entry is [string, string] => entry[1] !== null)),
    tags: [...(customer.tags ?? [])],
    stage: customer.stage ?? null,
    time_zone: customer.time_zone ?? "",
    locale: customer.locale ?? locale,
    seed: customer.seed ?? "test",
  };
  const events = told.events.map((event) => ({ at: event.at, name: event.name, properties: event.properties as JsonObject }));
  return { who: { kind: "invented", customer: who }, start: told.start, clock: told.until, far: told.until, events };
}

/** The same customer from the beginning, without events. */
export const again = (script: Script): Script => ({ ...script, start: null, clock: null, far: null, events: [] });

/** The request to the server. It does without the layout. */
export function question(document: JourneyDocument, script: Script): JsonObject {
  const { layout: _, ...meaning } = document;
  const { who, start, clock } = script;
  const until = clock === null ? Number.POSITIVE_INFINITY : Date.parse(clock);
  return {
    document: meaning as unknown as Json,
    customer: who.kind === "picked" ? { id: who.id } : (who.customer as unknown as Json),
    events: script.events.filter((event) => Date.parse(event.at) <= until),
    ...(start === null ? {} : { start, until: clock ?? start }),
  };
}

const NAMES = { ko: "김하늘", en: "Alex Kim" };
const FIRST_NAMES = { ko: "하늘", en: "Alex" };

/** An example customer: reachable, with all consents but those for the night, and with the attributes that the journey uses. */
export function example(document: JourneyDocument, names: Pick<NamesState, "attributes" | "consents">, zone: string, locale: string): Invented {
  const text = JSON.stringify([document.entry, document.steps, document.exits, document.goals]);
  const asked = names.attributes.filter(({ name }) => text.includes(JSON.stringify(name)) || new RegExp(`customer\\.${escaped(name)}\\b`).test(text));
  const wanted = asked.some(({ name }) => name === "name") ? asked : [{ name: "name", type: "string" }, ...asked];
  const attributes = Object.fromEntries(wanted.slice(0, 20).map(({ name, type }) => [name, exampleOf(name, type, locale)]));
  const consents = Object.fromEntries(names.consents.map((name) => [name, !name.endsWith(":night")]));
  return {
    attributes,
    consents,
    contacts: { email: "haneul@example.com", phone: "+821012345678", push_token: "example-device" },
    tags: [],
    stage: null,
    time_zone: zone,
    locale,
    seed: "test",
  };
}

const escaped = (name: string): string => name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Examples exist in two languages; a reader of another sees the English ones. */
const inOne = (examples: { ko: string; en: string }, locale: string): string => (locale === "ko" ? examples.ko : examples.en);

const BY_NAME: readonly [RegExp, (locale: string) => Json][] = [
  [/^first_?name$/i, (locale) => inOne(FIRST_NAMES, locale)],
  [/^(full_?)?name$/i, (locale) => inOne(NAMES, locale)],
  [/e-?mail/i, () => "haneul@example.com"],
  [/phone|mobile/i, () => "+821012345678"],
  [/birth/i, () => "1992-05-14"],
  [/currency/i, () => "KRW"],
  [/(quantity|qty|rating|score)$/i, () => 1],
  [/(revenue|total|price|amount|value)$/i, () => 29_000],
  [/(url|link)$/i, () => "https://example.com"],
  [/(^|_)id$/i, () => "example-1"],
];

const EXAMPLE = { ko: "예시", en: "example" };
const PRODUCT = { ko: "예시 상품", en: "Example product" };

/** An example value by name and type. `of`: the "name" of an event is a product's, not a person's. */
export function exampleOf(name: string, type: string, locale: string, of: "customer" | "event" = "customer"): Json {
  if (of === "event" && /^(product_?|item_?)?name$/i.test(name)) return inOne(PRODUCT, locale);
  const fits = (value: Json): boolean => !["number", "integer", "boolean"].includes(type) || typeof value === (type === "integer" ? "number" : type);
  for (const [pattern, value] of BY_NAME) if (pattern.test(name) && fits(value(locale))) return value(locale);
  if (type === "number" || type === "integer") return 1;
  if (type === "boolean") return true;
  if (type === "date" || type === "datetime") return "2026-01-01";
  if (type === "array") return [];
  if (type === "object") return {};
  return inOne(EXAMPLE, locale);
}

/** Properties for an event: those of earlier events under the same name (the cart stays the same), else examples. */
export function propertiesFor(name: string, names: Pick<NamesState, "events">, earlier: readonly Played[], locale: string): JsonObject {
  const known = names.events.find((event) => event.name === name)?.properties ?? [];
  return Object.fromEntries(
    known.slice(0, 30).map((property) => {
      const before = earlier.findLast((event) => property.name in event.properties);
      return [property.name, before?.properties[property.name] ?? exampleOf(property.name, property.type, locale, "event")];
    }),
  );
}

/** Typed text as JSON: numbers and booleans as such, everything else as text. */
export function typed(text: string, type?: string): Json {
  const trimmed = text.trim();
  if (type === "string") return text;
  if (trimmed === "true" || trimmed === "false") return trimmed === "true";
  if (/^-?(0|[1-9]\d{0,14})(\.\d+)?$/.test(trimmed)) return Number(trimmed);
  if (/^[[{]/.test(trimmed)) {
    try {
      return JSON.parse(trimmed) as Json;
    } catch {
      return text;
    }
  }
  return text;
}

export const shown = (value: Json | undefined): string => (typeof value === "string" ? value : JSON.stringify(value ?? ""));

const place = (key: string): string => `sojourn.test-run.${key}`;

export function remembered(key: string): Script | null {
  try {
    const text = localStorage.getItem(place(key));
    return text === null ? null : readScript(JSON.parse(text));
  } catch {
    return null; // no storage, or not ours any more
  }
}

export function remember(key: string, script: Script): void {
  try {
    localStorage.setItem(place(key), JSON.stringify(script));
  } catch {
    // a full or forbidden storage only means that the script is not there next time
  }
}

/** The stored script; null where it was stored by an older canvas in another shape. */
export function readScript(found: unknown): Script | null {
  const script = found as Partial<Script> | null;
  const who = script?.who as Partial<Who> | undefined;
  const known = who?.kind === "picked" ? typeof who.id === "string" : who?.kind === "invented" && typeof who.customer?.attributes === "object";
  if (!script || !known || !Array.isArray(script.events)) return null;
  const instant = (value: unknown): string | null => (typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : null);
  return {
    who: who as Who,
    start: instant(script.start),
    clock: instant(script.clock),
    far: instant(script.far),
    events: script.events.filter((event) => typeof event?.name === "string" && instant(event.at) !== null),
  };
}
