/** Ways out of a step, each a card with its label and what leads to it. Told by its schema: the item has a `port`. */

import { Plus } from "lucide-react";
import { portOf } from "@/document/edit";
import { useDescribed } from "@/document/described";
import { useDraft } from "@/document/store";
import type { JsonObject, LocalText } from "@/document/types";
import { inLocale, say, useWords } from "@/words";
import { LocalTextInput } from "./controls";
import type { EditorProps } from "./editors";
import { FieldFrame, useFieldWords } from "./field-frame";
import { type FieldProps, usePlace } from "./form-place";
import { Fields, ItemCard, newItem } from "./form";
import { asLocal, isObject, moved } from "./paths";
import { useSettled } from "./name-fields";
import { freeName, portFor, renamePort, slug } from "./ports";
import type { Schema } from "./schema";

const withEditor = (item: Schema, editor: string): string | undefined =>
  Object.entries(item.properties ?? {}).find(([, field]) => field["x-editor"] === editor)?.[0];

/** Whether a list's items are ways out. */
export const isWay = (item: Schema): boolean => withEditor(item, "port") !== undefined;

/** What the ways of a list have in common, and how to change them without losing lines. */
export function useWays({ schema, item, root, path, value, change }: FieldProps & { item: Schema }) {
  const { step } = usePlace();
  const portName = withEditor(item, "port") ?? "port";
  const labelName = withEditor(item, "local_text");
  const items: JsonObject[] = Array.isArray(value) ? value.filter(isObject) : [];
  const ports = items.map((one) => String(one[portName] ?? ""));
  const fresh = newItem(schema, item, root) as JsonObject;
  const stem = String(fresh[portName] ?? "way");
  const put = (n: number, next: JsonObject): void => change(items.map((one, m) => (m === n ? next : one)));
  const connected = (port: string): boolean =>
    useDraft.getState().document.edges.some((edge) => edge.from === step && portOf(edge) === port);
  return {
    items,
    ports,
    portName,
    labelName,
    path,
    put,
    add: (more: JsonObject = {}) => change([...items, { ...fresh, ...more, [portName]: freeName(stem, new Set(ports)) }]),
    remove: (n: number) => change(items.filter((_, m) => m !== n)),
    move: (n: number, by: 1 | -1) => change(moved(items, n, n + by)),
    label: (n: number): LocalText => (labelName ? asLocal(items[n]?.[labelName]) : {}),
    /** A name that was made up gives way to one out of the label, as long as no line hangs on it. */
    settle: (n: number): void => {
      const way = items[n];
      const port = ports[n];
      if (!way || port === undefined || !labelName || step === null) return;
      const label = asLocal(way[labelName]);
      const others = new Set(ports.filter((_, m) => m !== n));
      const next = portFor(port, label, stem, others, connected(port));
      if (next !== port) put(n, { ...way, [portName]: next });
    },
  };
}

export type Ways = ReturnType<typeof useWays>;

export function WayList(props: FieldProps & { item: Schema }) {
  const { schema, item, root } = props;
  const words = useWords();
  const ways = useWays(props);
  const field = useFieldWords(props);
  const what = schema["x-item"] ? say(schema["x-item"]) : field.label;
  const full = schema.maxItems !== undefined && ways.items.length >= schema.maxItems;
  const { step } = usePlace();
  const told = useDescribed((state) => state.described.steps[step ?? ""]?.ports);
  const said = (n: number): string => {
    const port = told?.find((one) => one.name === ways.ports[n]);
    return port && say(port.label) !== port.name ? say(port.label).replaceAll("*", "") : "";
  };
  return (
    <FieldFrame {...field} group>
      {() => (
        <>
          {ways.items.map((way, n) => (
            <ItemCard
              key={n}
              title={
                <>
                  <span className="in-rank">{n + 1}</span>
                  {inLocale(ways.label(n), said(n) || `${what} ${n + 1}`)}
                </>
              }
              first={n === 0}
              last={n === ways.items.length - 1}
              move={(by) => ways.move(n, by)}
              remove={ways.items.length > (schema.minItems ?? 0) ? () => ways.remove(n) : undefined}
            >
              <WayLabel ways={ways} n={n} item={item} />
              <Fields
                schema={item}
                root={root}
                path={[...props.path, n]}
                value={way}
                change={(next) => ways.put(n, isObject(next) ? next : {})}
                skip={ways.labelName ? [ways.labelName] : []}
              />
            </ItemCard>
          ))}
          {field.readOnly || full ? null : (
            <button type="button" className="in-add" onClick={() => ways.add()}>
              <Plus aria-hidden size={14} />
              {words("inspector.add", { what: what.toLowerCase() })}
            </button>
          )}
        </>
      )}
    </FieldFrame>
  );
}

/** A way's own name by language. */
export function WayLabel({ ways, n, item }: { ways: Ways; n: number; item: Schema }) {
  const name = ways.labelName;
  const schema = name ? (item.properties?.[name] ?? {}) : {};
  const words = useFieldWords({ schema, path: [...ways.path, n, name ?? "label"] });
  const way = ways.items[n];
  if (!name || !way) return null;
  return (
    <div onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && ways.settle(n)}>
      <FieldFrame {...words}>
        {(control) => (
          <LocalTextInput
            control={control}
            label={words.label}
            readOnly={words.readOnly}
            value={ways.label(n)}
            change={(label: LocalText) => ways.put(n, { ...way, [name]: label })}
          />
        )}
      </FieldFrame>
    </div>
  );
}

/** The name by which lines know a way out. Another name takes its lines along, and is taken over when the field is left. */
export function PortField({ schema, path, value, change }: EditorProps) {
  const words = useFieldWords({ schema, path });
  const { step } = usePlace();
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
