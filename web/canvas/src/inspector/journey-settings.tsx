/** The journey's own settings: who enters, who leaves before the end, what counts as success. */

import { Plus } from "lucide-react";
import { useMemo } from "react";
import { useDescribed } from "@/document/described";
import { useStepTypes } from "@/document/step-types";
import { useDraft } from "@/document/draft";
import type { Form, JourneyDocument, Json, JsonObject, Problem } from "@/document/types";
import { Emphasised } from "@/ui/emphasised";
import { inLocale, say, useWords } from "@/words";
import { useBuffered } from "@/forms/buffered";
import { Fields, SchemaField } from "@/forms/fields";
import { ItemCard } from "@/forms/item-card";
import { type FormScope, FormContext } from "@/forms/context";
import { OtherProblems, useEditing } from "./editing";
import { asLocal, isObject, moved } from "@/forms/paths";
import { freeName } from "./ports";
import type { Schema } from "@/forms/schema";
import { entryEvents } from "@/forms/value-control";

const NONE: Problem[] = [];
/** The only mode of re-entry that needs a duration. */
const COOL_DOWN = "cool_down";

export function JourneySettings() {
  const words = useWords();
  const { document, readOnly } = useEditing();
  const [journey, put] = useBuffered(document, (change) => useDraft.getState().edit((now) => ({ ...now, ...change })));
  const forms = useStepTypes((types) => types.journey);
  const problems = useDescribed((state) => state.byStep[""]) ?? NONE;
  const summary = useDescribed((state) => state.described.entry.summary);
  const events = useMemo(() => entryEvents(journey.entry), [journey.entry]);
  const place: FormScope = useMemo(() => ({ step: null, readOnly, problems, events }), [readOnly, problems, events]);
  if (!forms) return <div className="in-body" />;
  const settings: JsonObject = Object.fromEntries(
    Object.keys(schemaOf(forms.settings).properties ?? {}).flatMap((name) =>
      name in journey ? [[name, journey[name as keyof JourneyDocument] as Json]] : [],
    ),
  );
  return (
    <FormContext.Provider value={place}>
      <header className="in-head">
        <div className="in-head-row">
          <h2>{inLocale(asLocal(journey.name), journey.key)}</h2>
        </div>
        <p className="in-meaning">
          <Emphasised text={say(summary)} />
        </p>
      </header>
      <div className="in-body">
        <OtherProblems problems={problems} />
        <Section title={words("settings.entry")} line={words("settings.entry_line")} open>
          <Fields
            schema={schemaOf(forms.entry)}
            root={schemaOf(forms.entry)}
            path={["entry"]}
            value={journey.entry}
            change={(next) => put({ entry: isObject(next) ? next : {} })}
          />
        </Section>
        <Reentry form={forms.reentry} value={journey.reentry} change={(reentry) => put({ reentry })} />
        <Rules
          title={words("settings.goals")}
          line={words("settings.goals_line")}
          form={forms.goal}
          name="goals"
          value={rulesOf(journey.goals)}
          change={(goals) => put({ goals })}
          add={words("settings.add_goal")}
        />
        <Rules
          title={words("settings.exits")}
          line={words("settings.exits_line")}
          form={forms.exit}
          name="exits"
          value={rulesOf(journey.exits)}
          change={(exits) => put({ exits })}
          add={words("settings.add_exit")}
        />
        <Section title={words("settings.about")} line={words("settings.about_line", { key: journey.key })}>
          <Fields
            schema={schemaOf(forms.settings)}
            root={schemaOf(forms.settings)}
            path={[]}
            value={settings}
            change={(next) => put((isObject(next) ? next : {}) as Partial<JourneyDocument>)}
          />
        </Section>
      </div>
    </FormContext.Provider>
  );
}

const rulesOf = (rules: unknown): JsonObject[] => (Array.isArray(rules) ? rules.filter(isObject) : []);
const schemaOf = (form: Form): Schema => form.schema as Schema;

function Section({
  title,
  line,
  count,
  open,
  children,
}: {
  title: string;
  line: string;
  count?: number;
  open?: boolean;
  children: React.ReactNode;
}) {
  return (
    <details className="in-section" open={open}>
      <summary>
        <span>{title}</span>
        {count ? <small>{count}</small> : null}
      </summary>
      <p className="in-help">{line}</p>
      {children}
    </details>
  );
}

function Reentry({ form, value, change }: { form: Form; value: JsonObject | undefined; change: (value: JsonObject) => void }) {
  const words = useWords();
  const schema = schemaOf(form);
  const given: JsonObject = isObject(value) ? value : {};
  const skip = given.mode === COOL_DOWN ? [] : [COOL_DOWN];
  return (
    <Section
      title={words("settings.reentry")}
      line={words("settings.reentry_line")}
      open={given.mode !== undefined && given.mode !== "never"}
    >
      <Fields
        schema={schema}
        root={schema}
        path={["reentry"]}
        value={given}
        change={(next) => change(isObject(next) ? next : {})}
        skip={skip}
      />
    </Section>
  );
}

/** Goals, or exit rules: a card each. A new one gets a free id. */
function Rules({
  title,
  line,
  form,
  name,
  value,
  change,
  add,
}: {
  title: string;
  line: string;
  form: Form;
  name: string;
  value: JsonObject[];
  change: (value: JsonObject[]) => void;
  add: string;
}) {
  const { readOnly } = useEditing();
  const schema = schemaOf(form);
  const fresh = (): JsonObject => {
    const made = structuredClone(form.defaults ?? {}) as JsonObject;
    return { ...made, id: freeName(String(made.id ?? name), new Set(value.map((rule) => String(rule.id)))) };
  };
  return (
    <Section title={title} line={line} count={value.length} open={value.length > 0}>
      {value.map((rule, n) => (
        <ItemCard
          key={n}
          title={String(rule.id ?? n + 1)}
          first={n === 0}
          last={n === value.length - 1}
          move={(by) => change(moved(value, n, n + by))}
          remove={() => change(value.filter((_, m) => m !== n))}
        >
          <SchemaField
            schema={{ ...schema, "x-label": undefined }}
            root={schema}
            path={[name, n]}
            value={rule}
            change={(next) => change(value.map((old, m) => (m === n && isObject(next) ? next : old)))}
          />
        </ItemCard>
      ))}
      {readOnly ? null : (
        <button type="button" className="in-add" onClick={() => change([...value, fresh()])}>
          <Plus aria-hidden size={14} />
          {add}
        </button>
      )}
    </Section>
  );
}
