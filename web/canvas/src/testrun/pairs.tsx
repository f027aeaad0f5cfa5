/** Names and values in rows: attributes of a made-up customer, properties of an event. */

import { Plus, X } from "lucide-react";
import { useId } from "react";
import type { JsonObject } from "@/document/types";
import { useWords } from "@/words";
import { shown, typed } from "./script";

type Props = { values: JsonObject; change: (values: JsonObject) => void; known: readonly { name: string; type: string }[]; label: string };

export function Pairs({ values, change, known, label }: Props) {
  const words = useWords();
  const list = useId();
  const rows = Object.entries(values);
  const put = (index: number, name: string, value: JsonObject[string]): void =>
    change(Object.fromEntries(rows.map((row, at) => (at === index ? [name, value] : row))));
  return (
    <fieldset className="t-pairs">
      <legend className="hidden">{label}</legend>
      {rows.map(([name, value], index) => (
        <div key={index} className="t-pair">
          <input value={name} list={list} aria-label={words("test.name")} onChange={(event) => put(index, event.target.value, value)} />
          <input
            value={shown(value)}
            aria-label={words("test.value_of", { name })}
            onChange={(event) => put(index, name, typed(event.target.value, known.find((one) => one.name === name)?.type))}
          />
          <button
            type="button"
            className="p-button"
            aria-label={words("test.remove", { name })}
            title={words("test.remove", { name })}
            onClick={() => change(Object.fromEntries(rows.filter((_, at) => at !== index)))}
          >
            <X aria-hidden size={14} />
          </button>
        </div>
      ))}
      <datalist id={list}>
        {known
          .filter((one) => !(one.name in values))
          .map((one) => (
            <option key={one.name} value={one.name} />
          ))}
      </datalist>
      <button type="button" className="p-button" disabled={"" in values} onClick={() => change({ ...values, "": "" })}>
        <Plus aria-hidden size={14} />
        {label}
      </button>
    </fieldset>
  );
}
