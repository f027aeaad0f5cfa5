import { PanelLeftClose, PanelLeftOpen, Search, StickyNote } from "lucide-react";
import { type PointerEvent, useState } from "react";
import { createPortal } from "react-dom";
import { FAMILIES, useStepTypes } from "@/document/step-types";
import { CARD } from "@/document/size";
import { useDraft } from "@/document/draft";
import type { Point, StepType } from "@/document/types";
import { NamedIcon } from "@/ui/icon";
import { isPhone } from "@/ui/phone";
import { remembered, remember } from "@/ui/remembered";
import { say, useWords } from "@/words";
import { addAfter, addAt, addNote, insertAt } from "./actions";
import { flow } from "./flow";
import { portsOf } from "@/document/described";
import { edgeId, portOf } from "@/document/edit";
import { ENTRY } from "@/document/types";
import { useUi } from "@/ui/state";
import "@/board/drawing/tile.css";
import "./palette.css";

const FAR = 4;

/** All kinds of steps by family, to drag onto the canvas, or to add after the selected step by a click or Enter. */
export function Palette() {
  const words = useWords();
  const items = useStepTypes((state) => state.items);
  const [open, setOpen] = useState(() => !isPhone() && remembered("palette") !== "closed");
  const [query, setQuery] = useState("");
  const toggle = (): void => {
    remember("palette", open ? "closed" : "open");
    setOpen(!open);
  };
  const wanted = query.trim().toLowerCase();
  const matches = (type: StepType): boolean => [type.kind, ...Object.values(type.title), say(type.meaning)].some((text) => text.toLowerCase().includes(wanted));
  return (
    <nav className={`palette${open ? "" : " closed"}`} aria-label={words("palette.title")}>
      <div className="palette-head">
        {open ? (
          <label className="palette-search">
            <Search aria-hidden="true" />
            <input type="search" value={query} placeholder={words("palette.search")} aria-label={words("palette.search")} onChange={(event) => setQuery(event.target.value)} />
          </label>
        ) : null}
        <button type="button" className="ghost" onClick={toggle} title={words(open ? "palette.close" : "palette.open")} aria-label={words(open ? "palette.close" : "palette.open")} aria-expanded={open}>
          {open ? <PanelLeftClose aria-hidden="true" /> : <PanelLeftOpen aria-hidden="true" />}
        </button>
      </div>
      <div className="palette-list">
        {FAMILIES.map((family) => {
          const shown = items.filter((type) => type.family === family && matches(type));
          if (shown.length === 0) return null;
          return (
            <section key={family} aria-label={words(`family.${family}`)}>
              {open ? <h2>{words(`family.${family}`)}</h2> : null}
              {shown.map((type) => (
                <Item key={type.kind} type={type} open={open} />
              ))}
            </section>
          );
        })}
        <section aria-label={words("palette.other")}>
          {open ? <h2>{words("palette.other")}</h2> : null}
          <button type="button" className="palette-item" title={words("palette.note")} onClick={() => addNote()}>
            <span className="tile f-note">
              <StickyNote aria-hidden="true" />
            </span>
            {open ? <span>{words("palette.note_title")}</span> : null}
          </button>
        </section>
      </div>
    </nav>
  );
}

function Item({ type, open }: { type: StepType; open: boolean }) {
  const [ghost, setGhost] = useState<Point | null>(null);
  const title = say(type.title);
  const down = (event: PointerEvent<HTMLButtonElement>): void => {
    if (event.button !== 0) return;
    const begin = { x: event.clientX, y: event.clientY };
    const button = event.currentTarget;
    let dragging = false;
    const move = (moved: globalThis.PointerEvent): void => {
      dragging ||= Math.hypot(moved.clientX - begin.x, moved.clientY - begin.y) > FAR;
      if (!dragging) return;
      setGhost({ x: moved.clientX, y: moved.clientY });
      hint(moved);
    };
    const end = (last: globalThis.PointerEvent): void => {
      removeEventListener("pointermove", move);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      setGhost(null);
      hint(null);
      if (!dragging) return;
      button.addEventListener("click", (click) => click.stopImmediatePropagation(), { once: true, capture: true });
      setTimeout(() => button.blur(), 0);
      if (last.type === "pointerup") drop(type.kind, { x: last.clientX, y: last.clientY });
    };
    addEventListener("pointermove", move);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
  };
  return (
    <>
      <button
        type="button"
        className="palette-item"
        data-kind={type.kind}
        title={`${title}: ${say(type.meaning)}`}
        aria-label={title}
        onPointerDown={down}
        onClick={() => addHere(type.kind)}
      >
        <span className={`tile f-${type.family}`}>
          <NamedIcon name={type.icon} />
        </span>
        {open ? <span>{title}</span> : null}
      </button>
      {ghost
        ? createPortal(
            <div className="ghost-step" style={{ transform: `translate(${ghost.x}px, ${ghost.y}px)` }}>
              <span className={`tile f-${type.family}`}>
                <NamedIcon name={type.icon} />
              </span>
              {title}
            </div>,
            document.body,
          )
        : null}
    </>
  );
}

const under = (at: Point): Element[] => document.elementsFromPoint(at.x, at.y);

const edgeUnder = (at: Point): string | null => {
  for (const element of under(at)) {
    const edge = element.closest(".react-flow__edge")?.getAttribute("data-id");
    if (edge) return edge;
    const tools = element.closest("[data-edge]")?.getAttribute("data-edge");
    if (tools) return tools;
  }
  return null;
};

let hinted: Element | null = null;
/** Highlights the edge into which the step would be inserted. */
function hint(event: globalThis.PointerEvent | null): void {
  const id = event ? edgeUnder({ x: event.clientX, y: event.clientY }) : null;
  const found = id ? document.querySelector(`.react-flow__edge[data-id="${CSS.escape(id)}"]`) : null;
  if (found === hinted) return;
  hinted?.classList.remove("into");
  found?.classList.add("into");
  hinted = found;
}

function drop(kind: string, at: Point): void {
  const place = flow()?.screenToFlowPosition(at);
  if (!place || !under(at).some((element) => element.closest(".board"))) return;
  const id = edgeUnder(at);
  const edge = useDraft.getState().document.edges.find((one) => edgeId(one) === id);
  if (edge) insertAt(kind, edge);
  else addAt(kind, { x: place.x - CARD.width / 2, y: place.y - CARD.height / 2 });
}

/** Adds after the selected step, at its first free port; else in the middle of the visible part. */
function addHere(kind: string): void {
  const document = useDraft.getState().document;
  const id = useUi.getState().selection.steps[0] ?? (document.edges.some((edge) => edge.from === ENTRY) ? null : ENTRY);
  if (id !== null) {
    const step = document.steps.find((one) => one.id === id);
    const ports = step ? portsOf(step).map((port) => port.name) : id === ENTRY ? ["next"] : [];
    const free = ports.find((port) => !document.edges.some((edge) => edge.from === id && portOf(edge) === port));
    if (free !== undefined) {
      addAfter(kind, id, free);
      return;
    }
  }
  addAt(kind, null);
}
