/** Plain controls: a value, and a function for its changes. Labels come from the frame around them. */

import { useState } from "react";
import type { LocalText, Text } from "@/document/types";
import { page } from "@/page";
import { language, say, useWords } from "@/words";
import { type Unit, formatSpan, parseSpan } from "./duration";
import { type ControlProps, useGesture } from "./context";
import "./fields.css";
import "./buttons.css";

type Common = { readOnly: boolean; control?: ControlProps | undefined; label?: string | undefined };

export function TextInput({
  value,
  change,
  readOnly,
  control,
  label,
  placeholder,
  type = "text",
  mono,
}: Common & { value: string; change: (value: string) => void; placeholder?: string; type?: string; mono?: boolean }) {
  return (
    <input
      {...control}
      {...useGesture()}
      type={type}
      aria-label={label}
      className={mono ? "in-mono" : undefined}
      readOnly={readOnly}
      placeholder={placeholder}
      value={value}
      onChange={(event) => change(event.target.value)}
    />
  );
}

export function NumberInput({
  value,
  change,
  readOnly,
  control,
  label,
  minimum,
  maximum,
  whole,
}: Common & {
  value: number | null;
  change: (value: number | null) => void;
  minimum?: number | undefined;
  maximum?: number | undefined;
  whole?: boolean;
}) {
  return (
    <input
      {...control}
      {...useGesture()}
      type="number"
      className="in-number"
      aria-label={label}
      readOnly={readOnly}
      min={minimum}
      max={maximum}
      step={whole ? 1 : "any"}
      value={value ?? ""}
      onChange={(event) =>
        change(event.target.value === "" || Number.isNaN(event.target.valueAsNumber) ? null : event.target.valueAsNumber)
      }
    />
  );
}

export function Select({
  value,
  change,
  options,
  readOnly,
  control,
  label,
  empty,
  className,
}: Common & {
  value: string;
  change: (value: string) => void;
  options: readonly { value: string; label: string }[];
  /** Label of the empty choice. */
  empty?: string | undefined;
  className?: string;
}) {
  const known = options.some((one) => one.value === value);
  return (
    <select
      {...control}
      className={className}
      aria-label={label}
      disabled={readOnly}
      value={value}
      onChange={(event) => change(event.target.value)}
    >
      {empty !== undefined || (!known && value === "") ? <option value="">{empty ?? "–"}</option> : null}
      {!known && value !== "" ? <option value={value}>{value}</option> : null}
      {options.map((one) => (
        <option key={one.value} value={one.value}>
          {one.label}
        </option>
      ))}
    </select>
  );
}

export const optionsOf = (values: readonly string[], words: Record<string, Text> | undefined): { value: string; label: string }[] =>
  values.map((value) => ({ value, label: words?.[value] ? say(words[value]) : value }));

const UNITS: readonly Unit[] = ["minutes", "hours", "days", "weeks"];

/** A number and a unit. Durations in other units (months) are shown in the largest unit that is a whole number. */
export function DurationInput({
  value,
  change,
  readOnly,
  control,
  label,
  optional,
}: Common & { value: string | null; change: (value: string | null) => void; optional?: boolean }) {
  const words = useWords();
  const gesture = useGesture();
  const span = value === null || value === "" ? null : parseSpan(value);
  const unit = span?.unit ?? "days";
  const units = unit === "seconds" ? (["seconds", ...UNITS] as const) : UNITS;
  const name = label ?? "";
  return (
    <span className="in-duration">
      <input
        {...control}
        {...gesture}
        type="number"
        className="in-number"
        aria-label={label}
        min={0}
        step="any"
        readOnly={readOnly}
        placeholder={optional ? "∞" : undefined}
        value={span ? span.amount : ""}
        onChange={(event) => {
          const amount = event.target.valueAsNumber;
          change(Number.isNaN(amount) ? (optional ? null : "") : formatSpan({ amount: Math.max(0, amount), unit }));
        }}
      />
      <select
        aria-label={`${name} ${words("inspector.unit")}`.trim()}
        disabled={readOnly || span === null}
        value={unit}
        onChange={(event) => span && change(formatSpan({ amount: span.amount, unit: event.target.value as Unit }))}
      >
        {units.map((one) => (
          <option key={one} value={one}>
            {words(`inspector.unit.${one}`)}
          </option>
        ))}
      </select>
      {optional && span !== null && !readOnly ? (
        <button type="button" className="in-quiet" onClick={() => change(null)}>
          {words("inspector.without_end")}
        </button>
      ) : null}
    </span>
  );
}

export function Check({ value, change, readOnly, control, label }: Common & { value: boolean; change: (value: boolean) => void }) {
  return (
    <input
      {...control}
      type="checkbox"
      aria-label={label}
      disabled={readOnly}
      checked={value}
      onChange={(event) => change(event.target.checked)}
    />
  );
}

/** Several choices out of a few: weekdays, stages. */
export function Choices({
  value,
  change,
  options,
  readOnly,
  label,
}: Common & { value: readonly string[]; change: (value: string[]) => void; options: readonly { value: string; label: string }[] }) {
  return (
    <span className="in-choices" role="group" aria-label={label}>
      {options.map((one) => {
        const on = value.includes(one.value);
        return (
          <button
            key={one.value}
            type="button"
            aria-pressed={on}
            disabled={readOnly}
            onClick={() =>
              change(options.map((other) => other.value).filter((other) => (other === one.value ? !on : value.includes(other))))
            }
          >
            {one.label}
          </button>
        );
      })}
    </span>
  );
}

/** Words by language, the reader's own first; one line each. */
export function LocalTextInput({
  value,
  change,
  readOnly,
  control,
  label,
  placeholder,
}: Common & { value: LocalText; change: (value: LocalText) => void; placeholder?: string | undefined }) {
  const words = useWords();
  const own = language();
  const [asked, ask] = useState<string[]>([]);
  const offered = page.languages.filter((one) => one !== own);
  const others = Object.keys(value).filter((one) => !page.languages.includes(one));
  const isOpen = (one: string): boolean => asked.includes(one) || (value[one] ?? "") !== "";
  const closed = readOnly ? [] : offered.filter((one) => !isOpen(one));
  return (
    <span className="in-local">
      {[own, ...offered.filter(isOpen), ...others].map((one, n) => (
        <span key={one}>
          <span aria-hidden="true">{one.toUpperCase()}</span>
          <TextInput
            control={n === 0 ? control : undefined}
            label={n === 0 ? undefined : `${label ?? ""} (${inWords(one, words)})`}
            readOnly={readOnly}
            placeholder={n === 0 ? (placeholder ?? "") : ""}
            value={value[one] ?? ""}
            change={(text) => {
              const { [one]: _, ...left } = value;
              change(text === "" ? left : { ...value, [one]: text });
            }}
          />
        </span>
      ))}
      {closed.length > 0 ? (
        <span className="in-more-languages">
          {closed.map((one) => (
            <button key={one} type="button" className="in-quiet" aria-label={`${label ?? ""} + ${inWords(one, words)}`.trim()} onClick={() => ask([...asked, one])}>
              + {inWords(one, words)}
            </button>
          ))}
        </span>
      ) : null}
    </span>
  );
}

export const inWords = (locale: string, words: ReturnType<typeof useWords>): string =>
  locale === "ko" ? words("inspector.korean") : locale === "en" ? words("inspector.english") : locale;
