import { ArrowDown, ArrowRight, CircleAlert, CircleCheck, History, List, Redo2, Search, Settings2, TriangleAlert, Undo2, Wand2, Workflow } from "lucide-react";
import { type FocusEvent, lazy, Suspense, useRef } from "react";
import { useStore } from "zustand";
import { axisOf } from "@/document/axis";
import { useDescribed } from "@/document/described";
import { beginGesture, saveNow, useDraft, useSync } from "@/document/draft";
import { ENTRY } from "@/document/types";
import { redo, undo } from "@/board/actions";
import { arrangeDraft, turnDraft } from "@/board/arrange";
import { useEditable } from "@/board/flow";
import { useUi } from "@/ui/state";
import { inLocale, language, number, useWords } from "@/words";
import { setMode } from "./modes";
import { toast } from "@/ui/toasts";
import { openPublish } from "@/publish/open";
import { SaveMark } from "@/drafts/save-mark";
import { CommentsButton } from "@/teamwork/comment-badge";
import { PeopleHere } from "@/teamwork/people-here";
import { IconButton, Tip } from "@/ui/tip";
import "./toolbar.css";

const MoreMenu = lazy(() => import("./more-menu").then((module) => ({ default: module.MoreMenu })));

/** Of the whole journey: name, status, mode, tools, problems, and the button that publishes. */
export function Toolbar({ onSearch }: { onSearch: () => void }) {
  const words = useWords();
  const editable = useEditable();
  const right = useDraft((state) => axisOf(state.document).right);
  const view = useUi((ui) => ui.view);
  const panel = useUi((ui) => ui.panel);
  const set = useUi((ui) => ui.set);
  return (
    <div className="toolbar" role="toolbar" aria-label={words("tool.bar")}>
      <JourneyName />
      <JourneyStatus />
      <span className="toolbar-gap" />
      <ModeSwitch />
      <div className="switch" role="group" aria-label={words("tool.view")}>
        <Tip label={words("tool.canvas")}>
          <button type="button" aria-pressed={view === "canvas"} aria-label={words("tool.canvas")} onClick={() => set({ view: "canvas" })}>
            <Workflow aria-hidden="true" />
          </button>
        </Tip>
        <Tip label={words("tool.list")}>
          <button type="button" aria-pressed={view === "list"} aria-label={words("tool.list")} onClick={() => set({ view: "list" })}>
            <List aria-hidden="true" />
          </button>
        </Tip>
      </div>
      <span className="toolbar-gap" />
      {editable ? (
        <div className="tools">
          <UndoButtons />
          <IconButton label={words("tool.arrange")} onClick={() => void arrangeDraft()}>
            <Wand2 aria-hidden="true" />
          </IconButton>
          <IconButton label={words(right ? "tool.run_down" : "tool.run_right")} data-turn onClick={() => void turnDraft()}>
            {right ? <ArrowDown aria-hidden="true" /> : <ArrowRight aria-hidden="true" />}
          </IconButton>
        </div>
      ) : null}
      <div className="tools">
        <PeopleHere />
        <CommentsButton />
        <IconButton label={words("tool.search")} keys="Ctrl F" onClick={onSearch}>
          <Search aria-hidden="true" />
        </IconButton>
        <IconButton label={words("tool.settings")} onClick={() => useUi.getState().set({ panel: null, selection: { steps: [ENTRY], edge: null, notes: [] } })}>
          <Settings2 aria-hidden="true" />
        </IconButton>
        <IconButton label={words("tool.versions")} aria-pressed={panel === "versions"} onClick={() => set({ panel: panel === "versions" ? null : "versions" })}>
          <History aria-hidden="true" />
        </IconButton>
        <Suspense fallback={<span className="ghost" />}>
          <MoreMenu />
        </Suspense>
      </div>
      <Problems />
      <SaveMark useSync={useSync} saveNow={saveNow} />
      <PublishButton />
    </div>
  );
}

/** The name in the reader's language; typing it is one step of undo. */
function JourneyName() {
  const words = useWords();
  const name = useDraft((state) => state.document.name);
  const key = useDraft((state) => state.document.key);
  const readOnly = useSync((sync) => sync.readOnly);
  const end = useRef<(() => void) | null>(null);
  const shown = inLocale(name, key);
  if (readOnly) return <strong className="journey-name">{shown}</strong>;
  const stop = (event: FocusEvent<HTMLInputElement>): void => {
    end.current?.();
    end.current = null;
    if (event.target.value.trim() === "") change(key);
  };
  const change = (text: string): void => useDraft.getState().edit((now) => ({ ...now, name: { ...now.name, [language()]: text } }));
  return (
    <input
      className="journey-name"
      value={name[language()] ?? shown}
      maxLength={200}
      size={Math.max(8, Math.min(28, [...shown].reduce((wide, letter) => wide + (letter > "\u1100" ? 2 : 1), 0)))}
      aria-label={words("tool.name")}
      onFocus={() => {
        end.current = beginGesture();
      }}
      onBlur={stop}
      onChange={(event) => change(event.target.value)}
      onKeyDown={(event) => (event.key === "Enter" || event.key === "Escape") && event.currentTarget.blur()}
    />
  );
}

function JourneyStatus() {
  const words = useWords();
  const journey = useSync((sync) => sync.current);
  if (!journey) return null;
  return (
    <>
      <span className={`badge ${journey.status}`}>
        <i className="dot" />
        {words(`status.${journey.status}`)}
      </span>
      {journey.version ? <span className="faint version">v{journey.version}</span> : null}
    </>
  );
}

function ModeSwitch() {
  const words = useWords();
  const mode = useUi((ui) => ui.mode);
  const version = useSync((sync) => sync.current?.version ?? null);
  const shown = mode === "path" ? "live" : mode === "compare" ? "draw" : mode;
  return (
    <div className="switch words" role="group" aria-label={words("tool.mode")}>
      {(["draw", "live", "test"] as const).map((one) => {
        const off = one === "live" && version === null;
        return (
          <Tip key={one} label={off ? words("mode.live_none") : words(`mode.${one}_what`)}>
            <button type="button" aria-pressed={shown === one} aria-disabled={off} onClick={() => (off ? toast(words("mode.live_none")) : setMode(one))}>
              {words(`mode.${one}`)}
            </button>
          </Tip>
        );
      })}
    </div>
  );
}

function UndoButtons() {
  const words = useWords();
  const past = useStore(useDraft.temporal, (state) => state.pastStates.length > 0);
  const future = useStore(useDraft.temporal, (state) => state.futureStates.length > 0);
  return (
    <>
      <IconButton label={words("tool.undo")} keys="Ctrl Z" aria-disabled={!past} onClick={undo}>
        <Undo2 aria-hidden="true" />
      </IconButton>
      <IconButton label={words("tool.redo")} keys="Ctrl Shift Z" aria-disabled={!future} onClick={redo}>
        <Redo2 aria-hidden="true" />
      </IconButton>
    </>
  );
}

/** How many problems there are, also when there are none. */
function Problems() {
  const words = useWords();
  const panel = useUi((ui) => ui.panel);
  const problems = useDescribed((state) => state.described.problems);
  const known = useDescribed((state) => state.of !== null);
  const refused = useDescribed((state) => state.refused !== null);
  const shown = useUi((ui) => ui.shown);
  if (!known || shown !== null) return null;
  const errors = refused ? 1 : problems.filter((problem) => problem.severity === "error").length;
  const count = refused ? 1 : problems.length;
  const tone = errors ? "error" : count ? "warning" : "none";
  const label = count ? words("problem.count", { errors: words("problem.errors", { count: errors }), warnings: words("problem.warnings", { count: count - errors }) }) : words("problem.none");
  return (
    <Tip label={label}>
      <button
        type="button"
        className={`problem-count ${tone}`}
        aria-pressed={panel === "problems"}
        onClick={() => useUi.getState().set({ panel: panel === "problems" ? null : "problems" })}
      >
        {tone === "error" ? <CircleAlert aria-hidden="true" /> : tone === "warning" ? <TriangleAlert aria-hidden="true" /> : <CircleCheck aria-hidden="true" />}
        <span className="hidden">{label}</span>
        {count ? <span aria-hidden="true">{number(count)}</span> : null}
      </button>
    </Tip>
  );
}

function PublishButton() {
  const words = useWords();
  const readOnly = useSync((sync) => sync.readOnly);
  const journey = useSync((sync) => sync.current);
  const waiting = useSync((sync) => sync.save !== "saved");
  const panel = useUi((ui) => ui.panel);
  const errors = useDescribed((state) => state.described.problems.some((problem) => problem.severity === "error"));
  if (readOnly || !journey) return null;
  const changed = waiting || journey.has_changes !== false || journey.version === null;
  const label = errors ? words("publish.errors") : changed ? words("publish.ready") : words("publish.up_to_date");
  return (
    <Tip label={label}>
      <button
        type="button"
        className={`button publish${changed && !errors ? " primary" : ""}`}
        aria-pressed={panel === "publish"}
        onClick={() => void openPublish()}
      >
        {words("publish.publish")}
      </button>
    </Tip>
  );
}

