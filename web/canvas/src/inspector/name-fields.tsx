/** Fields that hold a name, completed from what the workspace has seen, the journey's own steps, other journeys. */

import { useMemo, useState } from "react";
import { useNames } from "@/document/names";
import { useStepTypes } from "@/document/step-types";
import { useDraft } from "@/document/draft";
import type { StepNode } from "@/document/types";
import { useUi } from "@/ui/state";
import { inLocale, number, say, useWords } from "@/words";
import { Combobox, type Option } from "@/forms/combobox";
import { LocalTextInput } from "@/forms/controls";
import type { EditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { useFormContext } from "@/forms/context";
import { asLocal, isObject } from "@/forms/paths";
import { entryEvents, ManyInput, ValueControl } from "@/forms/value-control";

/** Any name may be typed; one that the workspace has not seen is marked. */
function NameField(props: EditorProps & { options: readonly Option[]; marks?: boolean; placeholder?: string }) {
  const words = useWords();
  const field = useFieldWords(props);
  const mark = props.marks === false ? undefined : words("inspector.unseen_line");
  return (
    <FieldFrame {...field}>
      {(control) => (
        <Combobox
          control={control}
          free
          unseen={mark}
          {...(props.placeholder && !field.readOnly ? { placeholder: props.placeholder } : {})}
          readOnly={field.readOnly}
          options={props.options}
          value={typeof props.value === "string" ? props.value : ""}
          change={(next) => props.change(next === "" && props.optional ? null : next)}
        />
      )}
    </FieldFrame>
  );
}

/** Events of customers first: Sojourn's own are rarely meant. */
export function useEventOptions(): Option[] {
  const words = useWords();
  const events = useNames((names) => names.events);
  const system = words("inspector.system_event");
  return useMemo(() => {
    const ordered = [...events].sort((a, b) => Number(a.system) - Number(b.system));
    return ordered.map((event) => ({ value: event.name, detail: event.system ? system : undefined }));
  }, [events, system]);
}

export function EventNameField(props: EditorProps) {
  const words = useWords();
  return <NameField {...props} options={useEventOptions()} placeholder={words("inspector.event_placeholder")} />;
}

/** Properties of the event that the form is about, else of the journey's entry events. */
export function usePropertyOptions(events?: readonly string[]): Option[] {
  const words = useWords();
  const known = useNames((names) => names.events);
  const journey = useDraft((draft) => draft.document.entry);
  const here = useFormContext().events;
  return useMemo(() => {
    const wanted = events ?? (here.length > 0 ? here : entryEvents(journey));
    const found = new Map<string, Option>();
    for (const event of known.filter((one) => wanted.includes(one.name))) {
      for (const property of event.properties) {
        found.set(property.name, { value: property.name, detail: typeWord(property.type, words) });
      }
    }
    return [...found.values()];
  }, [events, known, here, journey, words]);
}

export const PropertyNameField = (props: EditorProps) => <NameField {...props} options={usePropertyOptions()} />;

const TYPES = ["string", "number", "boolean", "object", "array"] as const;

export function typeWord(type: string, words: ReturnType<typeof useWords>): string {
  const known = TYPES.find((one) => one === type);
  return known ? words(`inspector.type.${known}`) : "";
}

export function useAttributeOptions(): Option[] {
  const words = useWords();
  const attributes = useNames((names) => names.attributes);
  return useMemo(() => attributes.map((one) => ({ value: one.name, detail: typeWord(one.type, words) })), [attributes, words]);
}

/** Depending on the operation beside the field, the name may be a tag, or a channel of consent. */
const OF_TAGS = new Set(["add_tag", "remove_tag"]);
const OF_CONSENT = new Set(["grant", "withdraw"]);
const WITHOUT_VALUE = new Set(["remove", ...OF_TAGS, ...OF_CONSENT]);
const operationBeside = ({ beside }: EditorProps): string => (isObject(beside?.value) ? String(beside.value.op ?? "") : "");

export function AttributeNameField(props: EditorProps) {
  const attributes = useAttributeOptions();
  const consents = useNames((names) => names.consents);
  const operation = operationBeside(props);
  if (OF_TAGS.has(operation)) return <NameField {...props} options={[]} marks={false} />;
  if (OF_CONSENT.has(operation)) return <NameField {...props} options={consents.map((one) => ({ value: one }))} marks={false} />;
  return <NameField {...props} options={attributes} />;
}

export function JourneyKeyField(props: EditorProps) {
  const journeys = useNames((names) => names.journeys);
  const own = useDraft((draft) => draft.document.key);
  const options = journeys
    .filter((one) => one.key !== own)
    .map((one) => ({ value: one.key, label: inLocale(one.name, one.key), detail: one.key }));
  return <ChosenField {...props} options={options} />;
}

/** Coupon pools, with the number of codes that are left. */
export function CouponPoolField(props: EditorProps) {
  const words = useWords();
  const pools = useNames((names) => names.coupons);
  const options = pools.map((one) => ({
    value: one.key,
    label: inLocale(one.name, one.key),
    detail: one.state === "over" ? words("inspector.pool_over") : words("inspector.codes_left", { count: number(one.free) }),
  }));
  const chosen = typeof props.value === "string" ? props.value : "";
  return (
    <>
      <ChosenField {...props} options={options} />
      <a className="in-quiet" href={pools.some((one) => one.key === chosen) ? `/coupons/${chosen}` : "/coupons"} target="_blank" rel="noreferrer">
        {words(pools.length === 0 ? "inspector.no_pools" : "inspector.open_pools")}
      </a>
    </>
  );
}

/** Segments, each with a way to its page. */
export function SegmentField(props: EditorProps) {
  const words = useWords();
  const segments = useNames((names) => names.segments);
  const options = segments.map((one) => ({ value: one.key, label: inLocale(one.name, one.key), detail: one.key }));
  const chosen = typeof props.value === "string" ? props.value : "";
  return (
    <>
      <ChosenField {...props} options={options} />
      <a className="in-quiet" href={segments.some((one) => one.key === chosen) ? `/segments/${chosen}` : "/segments"} target="_blank" rel="noreferrer">
        {words(segments.length === 0 ? "inspector.no_segments" : "inspector.open_segments")}
      </a>
    </>
  );
}

/** Secrets of the workspace, by name: their values are known to no page. */
export function SecretField(props: EditorProps) {
  const secrets = useNames((names) => names.secrets);
  return <ChosenField {...props} options={secrets.map((one) => ({ value: one }))} />;
}

export function SurveyField(props: EditorProps) {
  const surveys = useNames((names) => names.surveys);
  return <ChosenField {...props} options={surveys.map((one) => ({ value: one.key, label: inLocale(one.name, one.key), detail: one.key }))} />;
}

/** Only one of the options can be chosen. */
function ChosenField(props: EditorProps & { options: readonly Option[] }) {
  const words = useWords();
  const field = useFieldWords(props);
  const value = typeof props.value === "string" ? props.value : "";
  return (
    <FieldFrame {...field}>
      {(control) => (
        <Combobox
          control={control}
          readOnly={field.readOnly}
          options={props.options}
          value={value}
          change={props.change}
          placeholder={words("inspector.choose")}
        />
      )}
    </FieldFrame>
  );
}

/** What a step is called in a list of choices; its label may come from a hostile file. */
export function stepTitle(step: StepNode, types: ReturnType<typeof useStepTypes.getState>["types"]): string {
  const type = types[step.kind];
  return inLocale(asLocal(step.label), type ? say(type.title) : step.kind);
}

export function StepIdField(props: EditorProps) {
  const steps = useDraft((draft) => draft.document.steps);
  const types = useStepTypes((state) => state.types);
  const words = useWords();
  const { step: own } = useFormContext();
  const target = typeof props.value === "string" ? props.value : "";
  const options = steps
    .filter((step) => step.id !== own)
    .map((step) => ({ value: step.id, label: stepTitle(step, types), detail: step.id }));
  return (
    <>
      <ChosenField {...props} options={options} />
      {steps.some((step) => step.id === target) ? (
        <button type="button" className="in-quiet" onClick={() => useUi.getState().set({ focus: target })}>
          {words("inspector.show_step")}
        </button>
      ) : null}
    </>
  );
}

const CURRENCIES = ["KRW", "USD", "EUR", "JPY", "CNY", "GBP", "TWD", "SGD"];

export function CurrencyField(props: EditorProps) {
  const change = (next: unknown): void => props.change(typeof next === "string" && next !== "" ? next.toUpperCase() : null);
  return <NameField {...props} change={change} marks={false} options={CURRENCIES.map((one) => ({ value: one }))} />;
}

export function LocalTextField(props: EditorProps) {
  const field = useFieldWords(props);
  const value = asLocal(props.value);
  return (
    <FieldFrame {...field}>
      {(control) => <LocalTextInput control={control} label={field.label} readOnly={field.readOnly} value={value} change={props.change} />}
    </FieldFrame>
  );
}

export function ValueField(props: EditorProps) {
  const field = useFieldWords(props);
  if (WITHOUT_VALUE.has(operationBeside(props))) return null;
  return (
    <FieldFrame {...field} group>
      {() => (
        <ValueControl
          label={field.label}
          readOnly={field.readOnly}
          schema={props.schema}
          root={props.root}
          value={props.value ?? null}
          change={props.change}
        />
      )}
    </FieldFrame>
  );
}

export function TagsField(props: EditorProps) {
  const field = useFieldWords(props);
  const [value, change] = [Array.isArray(props.value) ? props.value : [], props.change];
  return (
    <FieldFrame {...field} group>
      {() => <ManyInput label={field.label} readOnly={field.readOnly} value={value} change={change} />}
    </FieldFrame>
  );
}

/** Text that is taken over when the field is left, not while it is typed. */
export function useSettled(
  value: string,
  take: (value: string) => void,
): { text: string; put: (text: string) => void; settle: () => void } {
  const [typed, setTyped] = useState<string | null>(null);
  return {
    text: typed ?? value,
    put: setTyped,
    settle: () => {
      if (typed !== null && typed !== value) take(typed);
      setTyped(null);
    },
  };
}
