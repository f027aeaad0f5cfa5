/** Text with variables, which are inserted at the caret from a list. */

import { Command } from "cmdk";
import { Braces } from "lucide-react";
import { Popover } from "radix-ui";
import { createContext, useCallback, useContext, useMemo, useRef, useState } from "react";
import { useDescribed } from "@/document/described";
import { useNames } from "@/document/names";
import { useDraft } from "@/document/draft";
import { stepsBefore } from "@/document/walk";
import { say, useWords } from "@/words";
import type { EditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { useGesture, useFormContext } from "@/forms/context";
import { entryEvents } from "@/forms/value-control";
import { ChipInput, type ChipInputHandle } from "./chips/chip-input";
import "@/forms/combobox.css";

/** Fields that every customer has, whatever the workspace has seen. */
export const CUSTOMER_FIELDS = ["first_name", "name", "email", "phone", "external_id", "locale", "time_zone", "stage"] as const;

/** Longest text, in characters, that gets a single line. */
const ONE_LINE = 5_000;

export function TemplateField(props: EditorProps) {
  const { schema, value, change } = props;
  const field = useFieldWords(props);
  const gesture = useGesture();
  const place = useRef<ChipInputHandle>(null);
  const groups = useVariables();
  const title = useCallback((path: string) => groups.flatMap((group) => group.items).find((item) => item.path === path)?.title ?? path, [groups]);
  const text = typeof value === "string" ? value : "";
  const isLong = schema.maxLength === undefined || schema.maxLength > ONE_LINE;
  const insert = (variable: string): void => place.current?.insert(`{{ ${variable} }}`);
  return (
    <FieldFrame {...field} aside={field.readOnly ? null : <VariablePicker insert={insert} of={field.label} />}>
      {(control) => (
        <ChipInput {...gesture} ref={place} control={control} label={field.label} readOnly={field.readOnly} long={isLong} value={text} change={change} title={title} />
      )}
    </FieldFrame>
  );
}

export type VariableGroup = { heading: string; items: { path: string; title: string }[] };
/** Variables that can be inserted; null: those of the journey on the canvas. */
export const VariablesContext = createContext<VariableGroup[] | null>(null);

function useVariables(): VariableGroup[] {
  const given = useContext(VariablesContext);
  const own = useJourneyVariables();
  return given ?? own;
}

function useJourneyVariables(): VariableGroup[] {
  const words = useWords();
  const journey = useDraft((draft) => draft.document);
  const names = useNames();
  const steps = useDescribed((state) => state.described.steps);
  const { step } = useFormContext();
  return useMemo(() => {
    const before = step === null ? new Set<string>() : stepsBefore(journey, step);
    const given = [...before].flatMap((id) => steps[id]?.variables ?? []);
    const properties = names.events
      .filter((one) => entryEvents(journey.entry).includes(one.name))
      .flatMap((one) => one.properties.map((property) => property.name));
    const fixed = new Set<string>(CUSTOMER_FIELDS);
    return [
      {
        heading: words("message.variables.customer"),
        items: [
          ...CUSTOMER_FIELDS.map((name) => ({ path: `customer.${name}`, title: words(`message.variable.${name}`) })),
          ...names.attributes.filter((one) => !fixed.has(one.name)).map((one) => ({ path: `customer.${one.name}`, title: one.name })),
        ],
      },
      {
        heading: words("message.variables.entry"),
        items: [...new Set(properties)].map((name) => ({ path: `entry.${name}`, title: name })),
      },
      {
        heading: words("message.variables.var"),
        items: Object.keys(journey.variables ?? {})
          .filter(Boolean)
          .map((name) => ({ path: `var.${name}`, title: name })),
      },
      {
        heading: words("message.variables.steps"),
        items: [...new Map(given.map((one) => [one.path, { path: one.path, title: say(one.title) }])).values()],
      },
    ].filter((group) => group.items.length > 0);
  }, [journey, names, steps, step, words]);
}

/** Matches the typed text as a whole, not scattered letters. */
const found = (value: string, search: string): number => {
  const at = value.toLowerCase().indexOf(search.trim().toLowerCase());
  return at < 0 ? 0 : 1 / (1 + at);
};

function VariablePicker({ insert, of }: { insert: (path: string) => void; of: string }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  const groups = useVariables();
  const chosen = useRef(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="in-quiet" aria-label={`${words("message.insert_variable")}: ${of}`}>
          <Braces aria-hidden size={13} />
          {words("message.variable")}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="in-menu"
          aria-label={words("message.insert_variable")}
          align="end"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            if (chosen.current) event.preventDefault(); // the caret is in the text already
            chosen.current = false;
          }}
        >
          <Command label={words("message.insert_variable")} filter={found}>
            <Command.Input placeholder={words("message.search_variable")} />
            <Command.List label={words("message.search_variable")}>
              <Command.Empty>{words("inspector.nothing_found")}</Command.Empty>
              {groups.map((group) => (
                <Command.Group key={group.heading} heading={group.heading}>
                  {group.items.map((item) => (
                    <Command.Item
                      key={item.path}
                      value={`${item.title} ${item.path}`}
                      onSelect={() => {
                        chosen.current = true;
                        insert(item.path);
                        setOpen(false);
                      }}
                    >
                      <span>{item.title}</span>
                      <code>{item.path}</code>
                    </Command.Item>
                  ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
