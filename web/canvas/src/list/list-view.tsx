/** The journey as an outline, for people who do not want a canvas: the same steps and the same inspector, all by keyboard. */

import { type KeyboardEvent, type RefObject, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { redo, remove, undo } from "@/board/actions";
import { useEditable, useOnCanvas } from "@/board/flow";
import { Picker } from "@/board/picker";
import { portsOf, useDescribed } from "@/document/described";
import { ENTRY } from "@/document/types";
import { NOTHING, useUi } from "@/ui/state";
import { useWords } from "@/words";
import { movesOf } from "./move";
import { outline, parentOf, type Row, unfolded } from "./outline";
import { OutlineRow } from "./outline-row";
import { focusRow, moveRow, rowOf } from "./row-actions";
import { bringIn, MANY, ROW, useSpan } from "./window";
import "./list.css";

export function ListView() {
  const words = useWords();
  const document = useOnCanvas();
  const described = useDescribed((state) => state.described);
  const editable = useEditable();
  const live = useUi((ui) => ui.mode === "live" || ui.mode === "path");
  const selected = useUi((ui) => ui.selection.steps);
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set());
  const rows = useMemo(() => outline(document, portsOf, (id) => described.steps[id]?.targets ?? []), [document, described]);
  const shown = useMemo(() => unfolded(rows, folded), [rows, folded]);
  const moves = useMemo(() => (editable ? movesOf(document) : null), [document, editable]);
  const [at, setAt] = useState<string>(ENTRY);
  const box = useRef<HTMLDivElement>(null);
  const span = useSpan(box, shown.length);
  const here = Math.max(0, shown.findIndex((row) => row.id === at));
  const go = (index: number): void => {
    const to = Math.max(0, Math.min(shown.length - 1, index));
    const row = shown[to];
    if (!row) return;
    setAt(row.id);
    bringIn(box.current, to, shown.length);
    focusRow(row.id);
  };
  useFocus(shown, box, setAt);
  const choose = useCallback((row: Row): void => {
    setAt(row.id);
    chooseRow(row);
  }, []);
  const fold = useCallback(
    (id: string, closed: boolean): void =>
      setFolded((now) => {
        const next = new Set(now);
        if (closed) next.add(id);
        else next.delete(id);
        return next;
      }),
    [],
  );
  const keys = (event: KeyboardEvent): void => {
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute("role") !== "row") return;
    const row = shown[here];
    if (row && pressed(event, row, { go, fold, folded, here, rows: shown, editable })) event.preventDefault();
  };
  return (
    <div className={`outline ${shown.length > MANY ? "long" : ""}`} ref={box}>
      <table role="treegrid" aria-label={words("list.title")} aria-rowcount={shown.length + 1} onKeyDown={keys}>
        <thead>
          <tr>
            <th scope="col">{words("list.step")}</th>
            <th scope="col">{words("list.does")}</th>
            <th scope="col">{words("list.stage")}</th>
            {live && <th scope="col">{words("list.counts")}</th>}
            {editable && (
              <th scope="col">
                <span className="hidden">{words("list.actions")}</span>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          <Gap rows={span.from} />
          {shown.slice(span.from, span.to).map((row, n) => (
            <OutlineRow
              key={row.id}
              row={row}
              index={span.from + n}
              document={document}
              current={span.from + n === here}
              selected={(row.kind === "step" || row.kind === "entry") && selected.includes(row.id)}
              folded={folded.has(row.id)}
              fold={fold}
              editable={editable}
              live={live}
              moves={moves?.get(row.id)}
              choose={choose}
            />
          ))}
          <Gap rows={shown.length - span.to} />
        </tbody>
      </table>
      {editable && <p className="p-note outline-keys">{words("list.keys")}</p>}
      <Picker />
    </div>
  );
}

/** Space for rows that are not rendered. */
const Gap = ({ rows }: { rows: number }) => (rows > 0 ? <tr aria-hidden="true" style={{ height: rows * ROW }} /> : null);

/** Scrolls to a step that something else leads to (a problem, a search). */
function useFocus(shown: readonly Row[], box: RefObject<HTMLElement | null>, setAt: (id: string) => void): void {
  const focus = useUi((ui) => ui.focus);
  useEffect(() => {
    if (focus === null) return;
    const index = shown.findIndex((row) => row.id === focus);
    if (index >= 0) {
      setAt(focus);
      bringIn(box.current, index, shown.length);
      requestAnimationFrame(() => rowOf(focus)?.scrollIntoView({ block: "nearest" }));
    }
    useUi.getState().set({ focus: null });
  }, [focus, shown, box, setAt]);
}

/** Opens a step in the inspector; a link leads to its step. */
function chooseRow(row: Row): void {
  const { set } = useUi.getState();
  if (row.kind === "link") set({ focus: row.to, selection: { ...NOTHING, steps: [row.to] } });
  else if (row.kind === "step" || row.kind === "entry") set({ selection: { ...NOTHING, steps: [row.id] }, panel: useUi.getState().mode === "draw" ? null : useUi.getState().panel });
}

type RowKeys = {
  go: (index: number) => void;
  fold: (id: string, closed: boolean) => void;
  folded: ReadonlySet<string>;
  here: number;
  rows: readonly Row[];
  editable: boolean;
};

function pressed(event: KeyboardEvent, row: Row, context: RowKeys): boolean {
  const { go, here, rows, editable } = context;
  if (event.ctrlKey || event.metaKey) return editable && withCommand(event);
  if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    if (editable && row.kind === "step") moveRow(row.id, event.key === "ArrowUp" ? -1 : 1);
    return true;
  }
  switch (event.key) {
    case "ArrowDown":
    case "ArrowUp":
      go(here + (event.key === "ArrowDown" ? 1 : -1));
      return true;
    case "Home":
    case "End":
      go(event.key === "Home" ? 0 : rows.length - 1);
      return true;
    case "ArrowLeft":
    case "ArrowRight":
      sideways(event.key === "ArrowRight", row, context);
      return true;
    case "Enter":
    case " ":
      chooseRow(row);
      return true;
    case "Delete":
    case "Backspace":
      if (editable && row.kind === "step") removeRow(row.id, context);
      return true;
    case "+":
    case "a":
      if (editable) document.querySelector<HTMLButtonElement>(`tr[data-row="${CSS.escape(row.id)}"] [data-add]`)?.click();
      return true;
    default:
      return false;
  }
}

function withCommand(event: KeyboardEvent): boolean {
  if (event.key.toLowerCase() !== "z") return false;
  if (event.shiftKey) redo();
  else undo();
  return true;
}

/** → unfolds or goes in, ← folds or goes out, as in every tree. */
function sideways(inwards: boolean, row: Row, { go, fold, folded, here, rows }: RowKeys): void {
  const branches = row.kind === "step" && row.ports.length > 1;
  if (branches && inwards === folded.has(row.id)) fold(row.id, !inwards);
  else if (inwards && branches) go(here + 1);
  else if (!inwards) {
    const parent = parentOf(rows, here);
    if (parent !== null) go(parent);
  }
}

function removeRow(id: string, { go, here }: Pick<RowKeys, "go" | "here">): void {
  remove([id]);
  go(here - 1);
}
