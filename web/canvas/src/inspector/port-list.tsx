/** A list whose entries are ports of the step (its schema has a `port` in each): a card each, with a label and what leads to the port. */

import { Plus } from "lucide-react";
import { portOf } from "@/document/edit";
import { useDescribed } from "@/document/described";
import { useDraft } from "@/document/draft";
import type { JsonObject, LocalText } from "@/document/types";
import { inLocale, say, useWords } from "@/words";
import { LocalTextInput } from "@/forms/controls";
import type { EditorProps, ListEditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { useFormContext } from "@/forms/context";
import { Fields } from "@/forms/fields";
import { ItemCard } from "@/forms/item-card";
import { asLocal, isObject, moved } from "@/forms/paths";
import { useSettled } from "./name-fields";
import { freeName, portFor, renamePort, slug } from "./ports";
import { newItem, type Schema } from "@/forms/schema";

const withEditor = (item: Schema, editor: string): string | undefined =>
  Object.entries(item.properties ?? {}).find(([, field]) => field["x-editor"] === editor)?.[0];

/** Whether the entries of a list are ports. */
export const isPortItem = (item: Schema): boolean => withEditor(item, "port") !== undefined;

/** The entries of a list of ports, and changes of them that lose no edges. */
export function usePortItems({ schema, item, root, path, value, change }: ListEditorProps) {
  const { step } = useFormContext();
  const portName = withEditor(item, "port") ?? "port";
  const labelName = withEditor(item, "local_text");
  const items: JsonObject[] = Array.isArray(value) ? value.filter(isObject) : [];
  const names = items.map((one) => String(one[portName] ?? ""));
  const fresh = newItem(schema, item, root) as JsonObject;
  const stem = String(fresh[portName] ?? "path");
  const put = (n: number, next: JsonObject): void => change(items.map((one, m) => (m === n ? next : one)));
  const connected = (port: string): boolean =>
    useDraft.getState().document.edges.some((edge) => edge.from === step && portOf(edge) === port);
  return {
    items,
    names,
    portName,
    labelName,
    path,
    put,
    add: (more: JsonObject = {}) => change([...items, { ...fresh, ...more, [portName]: freeName(stem, new Set(names)) }]),
    remove: (n: number) => change(items.filter((_, m) => m !== n)),
    move: (n: number, by: 1 | -1) => change(moved(items, n, n + by)),
    label: (n: number): LocalText => (labelName ? asLocal(items[n]?.[labelName]) : {}),
    /** Replaces a made-up name by one from the label, as long as no edge leaves the port. */
    settle: (n: number): void => {
      const entry = items[n];
      const name = names[n];
      if (!entry || name === undefined || !labelName || step === null) return;
      const label = asLocal(entry[labelName]);
      const others = new Set(names.filter((_, m) => m !== n));
      const next = portFor(name, label, stem, others, connected(name));
      if (next !== name) put(n, { ...entry, [portName]: next });
    },
  };
}

export type PortItems = ReturnType<typeof usePortItems>;

export function PortList(props: ListEditorProps) {
  const { schema, item, root } = props;
  const words = useWords();
  const ports = usePortItems(props);
  const field = useFieldWords(props);
  const what = schema["x-item"] ? say(schema["x-item"]) : field.label;
  const full = schema.maxItems !== undefined && ports.items.length >= schema.maxItems;
  const { step } = useFormContext();
  const described = useDescribed((state) => state.described.steps[step ?? ""]?.ports);
  /** What the server calls a port that has no label of its own. */
  const title = (n: number): string => {
    const port = described?.find((one) => one.name === ports.names[n]);
    return port && say(port.label) !== port.name ? say(port.label).replaceAll("*", "") : "";
  };
  return (
    <FieldFrame {...field} group>
      {() => (
        <>
          {ports.items.map((entry, n) => (
            <ItemCard
              key={n}
              title={
                <>
                  <span className="in-rank">{n + 1}</span>
                  {inLocale(ports.label(n), title(n) || `${what} ${n + 1}`)}
                </>
              }
              first={n === 0}
              last={n === ports.items.length - 1}
              move={(by) => ports.move(n, by)}
              remove={ports.items.length > (schema.minItems ?? 0) ? () => ports.remove(n) : undefined}
            >
              <PortLabel ports={ports} n={n} item={item} />
              <Fields
                schema={item}
                root={root}
                path={[...props.path, n]}
                value={entry}
                change={(next) => ports.put(n, isObject(next) ? next : {})}
                skip={ports.labelName ? [ports.labelName] : []}
              />
            </ItemCard>
          ))}
          {field.readOnly || full ? null : (
            <button type="button" className="in-add" onClick={() => ports.add()}>
              <Plus aria-hidden size={14} />
              {words("inspector.add", { what: what.toLowerCase() })}
            </button>
          )}
        </>
      )}
    </FieldFrame>
  );
}

/** A port's own title by language. */
export function PortLabel({ ports, n, item }: { ports: PortItems; n: number; item: Schema }) {
  const name = ports.labelName;
  const schema = name ? (item.properties?.[name] ?? {}) : {};
  const words = useFieldWords({ schema, path: [...ports.path, n, name ?? "label"] });
  const entry = ports.items[n];
  if (!name || !entry) return null;
  return (
    <div onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && ports.settle(n)}>
      <FieldFrame {...words}>
        {(control) => (
          <LocalTextInput
            control={control}
            label={words.label}
            readOnly={words.readOnly}
            value={ports.label(n)}
            change={(label: LocalText) => ports.put(n, { ...entry, [name]: label })}
          />
        )}
      </FieldFrame>
    </div>
  );
}

/** The name by which edges know a port. A new name takes the edges along; it counts when the field is left. */
export function PortField({ schema, path, value, change }: EditorProps) {
  const words = useFieldWords({ schema, path });
  const { step } = useFormContext();
  const before = String(value ?? "");
  const name = useSettled(before, (typed) => {
    const next = slug(typed.replaceAll("_", "-"));
    const taken = step !== null && useDraft.getState().document.edges.some((edge) => edge.from === step && portOf(edge) === next);
    if (next === "" || next === before || taken) return;
    change(next);
    if (step !== null) useDraft.getState().amend((document) => renamePort(document, step, before, next));
  });
  return (
    <FieldFrame {...words}>
      {(control) => (
        <input
          {...control}
          className="in-mono"
          readOnly={words.readOnly}
          value={name.text}
          onChange={(event) => name.put(event.target.value)}
          onBlur={name.settle}
          onKeyDown={(event) => event.key === "Enter" && name.settle()}
        />
      )}
    </FieldFrame>
  );
}
