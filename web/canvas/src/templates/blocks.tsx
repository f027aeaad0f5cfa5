/** An e-mail as blocks: taken from a palette, moved by mouse or keyboard, each with a form made from its schema. */

import { ChevronDown, ChevronUp, Copy, GripVertical, Trash2 } from "lucide-react";
import { type DragEvent, type KeyboardEvent, useRef, useState } from "react";
import type { Json, JsonObject } from "@/document/types";
import { Fields } from "@/forms/fields";
import { useFormContext } from "@/forms/context";
import { isObject, moved, problemsAt, withMember } from "@/forms/paths";
import { initialObject, type Schema } from "@/forms/schema";
import { TemplateField } from "@/messages/text-field";
import { ownPath } from "@/media/upload";
import { NamedIcon } from "@/ui/icon";
import { announce } from "@/ui/toasts";
import { say, useWords } from "@/words";
import type { BlockForm } from "./model";
import { useEditor } from "./store";
import "./blocks.css";

type Dragged = { from: number } | { kind: string };

export function Blocks({
  value,
  blocks,
  path,
  change,
  schema,
}: {
  value: JsonObject;
  blocks: JsonObject[];
  path: string[];
  /** `apart`: a step of undo of its own, whatever was changed just before. */
  change: (next: JsonObject, apart?: boolean) => void;
  schema: Schema;
}) {
  const words = useWords();
  const { readOnly } = useFormContext();
  const { forms, block: open, locale } = useEditor();
  const dragged = useRef<Dragged | null>(null);
  const [over, setOver] = useState<number | null>(null);
  const put = (next: JsonObject[], shown: number | null = open, kept: JsonObject = value): void => {
    const { blocks: _, ...rest } = kept;
    change(next.length > 0 ? { ...rest, blocks: next } : { ...rest, body: rest.body ?? "" }, true);
    useEditor.setState({ block: shown });
  };
  const made = (kind: string): JsonObject => {
    const form = forms.blocks.find((one) => one.kind === kind);
    const samples = form?.defaults[locale] ?? form?.defaults[locale.split("-")[0] ?? ""] ?? {};
    return { kind, ...(form ? initialObject(form.schema, form.schema) : {}), ...structuredClone(samples) };
  };
  const untouched = (body: string): boolean =>
    forms.channels.some((one) => Object.values(one.defaults).some((words) => (words as JsonObject).body === body));
  const add = (kind: string, at = open === null ? blocks.length : open + 1): void => {
    if (blocks.length === 0) {
      const { body, ...kept } = value;
      // What was written before the first block stays, as a block of its own; what was never touched goes.
      const before: JsonObject[] = typeof body === "string" && body.trim() && !untouched(body) ? [{ ...made("text"), html: body }] : [];
      put([...before, made(kind)], before.length, kept);
      return;
    }
    put([...blocks.slice(0, at), made(kind), ...blocks.slice(at)], at);
    announce(words("tpl.block_added", { block: titleOf(forms.blocks, kind), place: at + 1 }));
  };
  const move = (from: number, to: number): void => {
    if (to < 0 || to >= blocks.length || from === to) return;
    put(moved(blocks, from, to), open === from ? to : open);
    announce(words("tpl.block_moved", { place: to + 1 }));
    focusRow(to);
  };
  const remove = (n: number): void => {
    put(
      blocks.filter((_, m) => m !== n),
      null,
    );
    announce(words("tpl.block_removed"));
    focusRow(Math.min(n, blocks.length - 2));
  };
  const drop = (event: DragEvent, at: number): void => {
    event.preventDefault();
    setOver(null);
    const what = dragged.current;
    dragged.current = null;
    if (!what) return;
    if ("kind" in what) add(what.kind, at);
    else move(what.from, what.from < at ? at - 1 : at);
  };
  const begin = (event: DragEvent, what: Dragged): void => {
    dragged.current = what;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", "block");
  };
  return (
    <div className="te-blocks" role="group" aria-label={words("tpl.blocks")}>
      {readOnly ? null : (
        <div className="te-palette" role="toolbar" aria-label={words("tpl.palette")}>
          {forms.blocks.map((form) => (
            <button
              key={form.kind}
              type="button"
              draggable
              data-block={form.kind}
              title={words("tpl.add_block", { block: say(form.title) })}
              onDragStart={(event) => begin(event, { kind: form.kind })}
              onDragEnd={() => setOver(null)}
              onClick={() => add(form.kind)}
            >
              <NamedIcon name={form.icon} />
              {say(form.title)}
            </button>
          ))}
        </div>
      )}
      {blocks.length === 0 ? (
        <div className="te-empty" data-over={over === 0 || undefined} onDragOver={(event) => aim(event, () => setOver(0))} onDrop={(event) => drop(event, 0)}>
          <p className="in-help">{words("tpl.no_blocks")}</p>
          <TemplateField
            schema={schema.properties?.["body"] ?? {}}
            root={schema}
            path={[...path, "body"]}
            value={value.body}
            optional={false}
            change={(next) => change(withMember(value, "body", next ?? ""))}
          />
        </div>
      ) : (
        <ol className="te-list">
          {blocks.map((block, n) => (
            <Row
              key={n}
              n={n}
              block={block}
              form={forms.blocks.find((one) => one.kind === block.kind)}
              path={[...path, "blocks", n]}
              open={open === n}
              over={over === n}
              last={n === blocks.length - 1}
              toggle={() => useEditor.setState({ block: open === n ? null : n })}
              change={(next) => change({ ...value, blocks: blocks.map((old, m) => (m === n ? next : old)) })}
              move={(by) => move(n, n + by)}
              copy={() => put([...blocks.slice(0, n + 1), structuredClone(block), ...blocks.slice(n + 1)], n + 1)}
              remove={() => remove(n)}
              drag={(event) => begin(event, { from: n })}
              aim={(event) => aim(event, () => setOver(n))}
              drop={(event) => drop(event, n)}
            />
          ))}
          <li
            className="te-end"
            data-over={over === blocks.length || undefined}
            onDragOver={(event) => aim(event, () => setOver(blocks.length))}
            onDrop={(event) => drop(event, blocks.length)}
          />
        </ol>
      )}
      {forms.theme && blocks.length > 0 ? (
        <details className="in-more">
          <summary>{words("tpl.theme")}</summary>
          <p className="in-help">{words("tpl.theme_line")}</p>
          <Fields
            schema={forms.theme}
            root={forms.theme}
            path={[...path, "theme"]}
            value={isObject(value.theme) ? value.theme : {}}
            change={(next) => change({ ...value, theme: next as Json })}
          />
          {isObject(value.theme) && !readOnly ? (
            <button type="button" className="in-quiet" onClick={() => change(withMember(value, "theme", undefined))}>
              {words("tpl.theme_reset")}
            </button>
          ) : null}
        </details>
      ) : null}
    </div>
  );
}

const titleOf = (forms: BlockForm[], kind: string): string => {
  const form = forms.find((one) => one.kind === kind);
  return form ? say(form.title) : kind;
};

function aim(event: DragEvent, show: () => void): void {
  event.preventDefault();
  event.dataTransfer.dropEffect = "move";
  show();
}

const focusRow = (n: number): void => {
  requestAnimationFrame(() => globalThis.document.querySelector<HTMLElement>(`[data-row="${n}"] .te-open`)?.focus());
};

/** The first words of a block, for the list. */
function firstWords(block: JsonObject): string {
  const src = typeof block.src === "string" && !ownPath(block.src) ? block.src : "";
  const text = [block.text, block.html, block.label, block.title, block.question, block.alt, src, block.items].find((one) => typeof one === "string" && one !== "");
  return typeof text === "string" ? text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ").trim().slice(0, 80) : "";
}

function Row({
  n,
  block,
  form,
  path,
  open,
  over,
  last,
  toggle,
  change,
  move,
  copy,
  remove,
  drag,
  aim,
  drop,
}: {
  n: number;
  block: JsonObject;
  form: BlockForm | undefined;
  path: (string | number)[];
  open: boolean;
  over: boolean;
  last: boolean;
  toggle: () => void;
  change: (next: JsonObject) => void;
  move: (by: 1 | -1) => void;
  copy: () => void;
  remove: () => void;
  drag: (event: DragEvent) => void;
  aim: (event: DragEvent) => void;
  drop: (event: DragEvent) => void;
}) {
  const words = useWords();
  const { readOnly, problems } = useFormContext();
  const wrong = problemsAt(problems, path, true);
  const title = form ? say(form.title) : String(block.kind);
  const keys = (event: KeyboardEvent): void => {
    if (readOnly) return;
    if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(event.key === "ArrowUp" ? -1 : 1);
    } else if (!event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      focusRow(n + (event.key === "ArrowUp" ? -1 : 1));
    } else if (event.key === "Delete") {
      event.preventDefault();
      remove();
    } else if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      copy();
    }
  };
  return (
    <li className="te-row" data-row={n} data-kind={String(block.kind)} data-open={open || undefined} data-over={over || undefined} onDragOver={aim} onDrop={drop}>
      <div className="te-row-head" draggable={!readOnly} onDragStart={drag}>
        {readOnly ? null : <GripVertical aria-hidden size={14} className="te-grip" />}
        <button type="button" className="te-open" aria-expanded={open} aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Delete" onClick={toggle} onKeyDown={keys}>
          <NamedIcon name={form?.icon ?? "square"} />
          <span>
            <strong>{title}</strong> <span className="in-faint">{firstWords(block)}</span>
          </span>
          {wrong.length > 0 ? <span className="te-dot" title={wrong.map((one) => say(one.text)).join("\n")} /> : null}
        </button>
        {readOnly ? null : (
          <span className="in-card-tools">
            <Tool label={words("inspector.up")} disabled={n === 0} run={() => move(-1)} of={title}>
              <ChevronUp aria-hidden size={14} />
            </Tool>
            <Tool label={words("inspector.down")} disabled={last} run={() => move(1)} of={title}>
              <ChevronDown aria-hidden size={14} />
            </Tool>
            <Tool label={words("inspector.duplicate")} run={copy} of={title}>
              <Copy aria-hidden size={14} />
            </Tool>
            <Tool label={words("inspector.remove")} run={remove} of={title}>
              <Trash2 aria-hidden size={14} />
            </Tool>
          </span>
        )}
      </div>
      {open && form ? (
        <div className="te-row-form">
          <Fields schema={form.schema} root={form.schema} path={path} value={block} change={(next) => change(isObject(next) ? { ...next, kind: block.kind ?? "" } : block)} />
        </div>
      ) : null}
    </li>
  );
}

function Tool({ label, of, run, disabled = false, children }: { label: string; of: string; run: () => void; disabled?: boolean; children: React.ReactNode }) {
  return (
    <button type="button" className="in-icon" aria-label={`${label}: ${of}`} title={label} disabled={disabled} onClick={run}>
      {children}
    </button>
  );
}
