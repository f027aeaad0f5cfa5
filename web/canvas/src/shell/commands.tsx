import { Command } from "cmdk";
import { useState } from "react";
import { addNote, redo, selectAll, undo } from "@/board/actions";
import { arrangeDraft, fit, turnDraft } from "@/board/arrange";
import { editable, onCanvas } from "@/board/flow";
import { kindTitle, plain, summaryLine, titleOf } from "@/document/titles";
import { pickAfter } from "@/board/picker-state";
import { useStepTypes } from "@/document/step-types";
import { axisOf } from "@/document/axis";
import { useDraft, useSync } from "@/document/draft";
import { ENTRY } from "@/document/types";
import { type Panel, useUi } from "@/ui/state";
import { useWords } from "@/words";
import { explain, showResults } from "@/performance/store";
import { Dialog } from "@/ui/dialog";
import { NamedIcon } from "@/ui/icon";
import { Everywhere } from "./everywhere";
import { setMode } from "./modes";
import { enterPanel } from "./side-panel";
import "./commands.css";

/** Ctrl-K: all commands, panels and steps of the journey, and whatever else there is, found by a part of their name. */
export function Commands({ onClose, onShortcuts }: { onClose: () => void; onShortcuts: () => void }) {
  const words = useWords();
  const types = useStepTypes((state) => state.types);
  const published = useSync((sync) => sync.current?.version !== null);
  const { set } = useUi.getState();
  const mayDraw = editable();
  const [query, setQuery] = useState("");
  const open = (panel: Panel) => () => {
    set({ panel });
    enterPanel();
  };
  const current = useUi.getState().selection.steps[0] ?? ENTRY;
  type Doing = { word: Parameters<typeof words>[0]; keys?: string; run: () => void; when?: boolean };
  const doing: Doing[] = [
    { word: "command.add", keys: "A", run: () => pickAfter(current, { x: innerWidth / 2, y: innerHeight / 3 }), when: mayDraw },
    { word: "tool.undo", keys: "Ctrl Z", run: undo, when: mayDraw },
    { word: "tool.redo", keys: "Ctrl Shift Z", run: redo, when: mayDraw },
    { word: "tool.arrange", run: () => void arrangeDraft(), when: mayDraw },
    { word: axisOf(useDraft.getState().document).right ? "tool.run_down" : "tool.run_right", run: () => void turnDraft(), when: mayDraw },
    { word: "menu.note", run: () => addNote(), when: mayDraw },
    { word: "menu.select_all", keys: "Ctrl A", run: selectAll },
    { word: "menu.fit", keys: "1", run: fit },
    { word: "keys.title", keys: "?", run: onShortcuts },
  ];
  const going: Doing[] = [
    { word: "panel.journey", run: () => void (set({ selection: { steps: [ENTRY], edge: null, notes: [] } }), open(null)()) },
    { word: "panel.problems", run: open("problems") },
    { word: "panel.versions", run: open("versions") },
    { word: "panel.yaml", run: open("yaml") },
    { word: "panel.publish", run: open("publish"), when: mayDraw },
    { word: "panel.results", run: () => void (setMode("live"), showResults(true), explain(null), enterPanel()), when: published },
    { word: "mode.draw", run: () => setMode("draw") },
    { word: "mode.live", run: () => setMode("live"), when: published },
    { word: "mode.test", run: () => setMode("test") },
    { word: "tool.canvas", run: () => set({ view: "canvas" }) },
    { word: "tool.list", run: () => set({ view: "list" }) },
  ];
  const act = (run: () => void) => () => {
    onClose();
    setTimeout(run, 0);
  };
  const row = (one: Doing) =>
    one.when === false ? null : (
      <Command.Item key={one.word} value={one.word} keywords={[words(one.word)]} onSelect={act(one.run)}>
        {words(one.word)}
        {one.keys ? <kbd>{one.keys}</kbd> : null}
      </Command.Item>
    );
  return (
    <Dialog label={words("command.title")} className="commands" onClose={onClose}>
      <Command label={words("command.title")} loop>
        <Command.Input placeholder={words("command.placeholder")} value={query} onValueChange={setQuery} maxLength={100} autoFocus />
        <Command.List label={words("command.title")}>
          <Command.Empty>{words("command.nothing")}</Command.Empty>
          <Command.Group heading={words("command.actions")}>{doing.map(row)}</Command.Group>
          <Command.Group heading={words("command.places")}>{going.map(row)}</Command.Group>
          <Command.Group heading={words("command.steps")}>
            {onCanvas().steps.map((step) => (
              <Command.Item
                key={step.id}
                value={`step ${step.id}`}
                keywords={[titleOf(step), kindTitle(step.kind), plain(summaryLine(step))]}
                onSelect={act(() => {
                  useUi.getState().select([step.id]);
                  set({ focus: step.id, view: "canvas" });
                })}
              >
                <NamedIcon name={types[step.kind]?.icon ?? "circle-dot"} />
                <span>{titleOf(step)}</span>
                <span className="faint">{plain(summaryLine(step))}</span>
              </Command.Item>
            ))}
          </Command.Group>
          <Everywhere query={query} act={act} />
        </Command.List>
      </Command>
    </Dialog>
  );
}
