import { DropdownMenu } from "radix-ui";
import { ENTRY, type Point } from "@/document/types";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import { addNote, cutEdge, removeSelected, selectAll } from "./actions";
import { arrangeDraft, fit } from "./arrange";
import { copySelected, cutSelected, duplicateSelected, paste } from "./clipboard";
import { flow, useEditable } from "./flow";
import { type MenuAt, openMenu, useMenu } from "./menu-state";
import { pick, pickAfter } from "./picker-state";
import "@/ui/overlays.css";
import "./step-menu.css";

type Entry = { key: Parameters<ReturnType<typeof useWords>>[0]; keys?: string; run: () => void; danger?: boolean } | "line";

/** The context menu of a step, an edge or the canvas: by the right button, Shift+F10 or the menu key. */
export function StepMenu() {
  const menu = useMenu((state) => state.menu);
  const words = useWords();
  const editable = useEditable();
  if (!menu) return null;
  return (
    <DropdownMenu.Root open modal={false} onOpenChange={(open) => !open && openMenu(null)}>
      <DropdownMenu.Trigger asChild>
        <span className="menu-anchor" style={{ left: menu.at.x, top: menu.at.y }} aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu-box" align="start" collisionPadding={8} onCloseAutoFocus={(event) => event.preventDefault()}>
          {entries(menu, editable).map((entry, n) =>
            entry === "line" ? (
              <DropdownMenu.Separator key={n} />
            ) : (
              <DropdownMenu.Item key={n} className={entry.danger ? "danger" : ""} onSelect={entry.run}>
                {words(entry.key)}
                {entry.keys ? <kbd>{entry.keys}</kbd> : null}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

function entries({ at, on }: MenuAt, editable: boolean): Entry[] {
  const later = (run: () => void) => () => setTimeout(run, 0); // once the menu is closed and has returned the focus
  const open: Entry = { key: "menu.open", keys: "Enter", run: later(() => useUi.getState().set({ panel: null })) };
  if ("edge" in on) {
    if (!editable) return [];
    return [
      { key: "menu.insert", run: later(() => pick({ at, purpose: { into: on.edge } })) },
      { key: "menu.remove_line", keys: "Del", danger: true, run: () => cutEdge(on.edge) },
    ];
  }
  if ("step" in on && on.step === ENTRY) return [open, ...(editable ? [addEntry(at, ENTRY, later)] : [])];
  if ("step" in on) {
    const copy: Entry = { key: "menu.copy", keys: "Ctrl C", run: () => void copySelected() };
    if (!editable) return [open, copy];
    return [
      open,
      addEntry(at, on.step, later),
      "line",
      { key: "menu.cut", keys: "Ctrl X", run: () => void cutSelected() },
      copy,
      { key: "menu.duplicate", keys: "Ctrl D", run: duplicateSelected },
      "line",
      { key: "menu.remove", keys: "Del", danger: true, run: removeSelected },
    ];
  }
  const whole: Entry = { key: "menu.fit", keys: "1", run: fit };
  if (!editable) return [whole];
  const place = flow()?.screenToFlowPosition(at) ?? { x: 0, y: 0 };
  return [
    { key: "menu.add", run: later(() => pick({ at, purpose: { place } })) },
    { key: "menu.note", run: () => addNote(place) },
    { key: "menu.paste", keys: "Ctrl V", run: () => void paste(place) },
    "line",
    { key: "menu.select_all", keys: "Ctrl A", run: selectAll },
    { key: "menu.arrange", run: () => void arrangeDraft() },
    whole,
  ];
}

const addEntry = (at: Point, id: string, later: (run: () => void) => () => void): Entry => ({
  key: "menu.add_after",
  keys: "A",
  run: later(() => pickAfter(id, at)),
});
