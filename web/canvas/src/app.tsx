import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Tooltip } from "radix-ui";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { ApiProblem } from "@/api/client";
import { arrangeDraft, prepareArranging, showBeginning } from "@/board/arrange";
import { Board } from "@/board/surface";
import { sizeOf, useEditable } from "@/board/flow";
import { useKeys } from "@/board/keys";
import { Palette } from "@/board/palette";
import { ConflictBar } from "@/versions/conflict-bar";
import { isUnplaced, roughly } from "@/document/layout";
import { describeNow, keepDescribed, onceDescribed } from "@/document/described";
import { settled } from "@/document/lanes";
import { loadNames } from "@/document/names";
import { loadStepTypes } from "@/document/step-types";
import { ENTRY } from "@/document/types";
import { countAsSaved, keepSaved, keepTidy, loadDraft, useDraft, useSync } from "@/document/draft";
import { showComments } from "@/teamwork/comments";
import { FiguresChoice } from "@/performance/period-choice";
import { explain, showResults } from "@/performance/store";
import { JourneyStrip } from "@/live/counts";
import { LiveFeed } from "@/live/live-feed";
import type { Page } from "@/page";
import { onPalette } from "@/shell/on-palette";
import { prefetchPanels } from "@/shell/prefetch";
import { setMode, useLiveVersion } from "@/shell/modes";
import { ToastList } from "@/ui/toast-list";
import { SearchBar } from "@/shell/search-bar";
import { enterFirstField, SidePanel } from "@/shell/side-panel";
import { Toolbar } from "@/shell/toolbar";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import "@/shell/layout.css";
import "@/shell/live-strip.css";
import "@/shell/phone.css";

const Commands = lazy(() => import("@/shell/commands").then((module) => ({ default: module.Commands })));
const Shortcuts = lazy(() => import("@/shell/shortcuts").then((module) => ({ default: module.Shortcuts })));
const TestTimeBar = lazy(() => import("@/testrun/time-part"));
const PathTimeBar = lazy(() => import("@/live/path-time"));
const ListView = lazy(() => import("@/list/list-view").then((module) => ({ default: module.ListView })));

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: false } } });

/** The whole canvas of one journey. */
export function App({ page }: { page: Page }) {
  const [state, setState] = useState<"loading" | "there" | ApiProblem | Error>("loading");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    setState("loading");
    open(page).then(
      () => setState("there"),
      (problem: unknown) => setState(problem instanceof Error ? problem : new Error(String(problem))),
    );
  }, [page, attempt]);
  useEffect(() => (state === "there" ? running() : undefined), [state]);
  if (state === "loading") return <Waiting />;
  if (state !== "there") return <Failed problem={state} retry={() => setAttempt(attempt + 1)} />;
  return (
    <QueryClientProvider client={queries}>
      <Tooltip.Provider delayDuration={400}>
        <Canvas />
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}

async function open(page: Page): Promise<void> {
  useSync.setState({ readOnly: !page.can.includes("draw") });
  await Promise.all([loadStepTypes(), loadDraft(page.key)]);
  void loadNames().catch(() => undefined); // names only help
  if (isUnplaced(useDraft.getState().document)) prepareArranging();
  await atMost(PATIENCE.described, describeNow());
  if (!isUnplaced(useDraft.getState().document)) return;
  useDraft.getState().amend((now) => roughly(now, sizeOf));
  countAsSaved();
  await atMost(PATIENCE.arranged, onceDescribed().then(() => arrangeDraft(true)));
}

/** Milliseconds for which nothing is drawn yet, so that the first picture is the last: cards are as large as their ports, which the server knows. */
const PATIENCE = { described: 1_000, arranged: 3_000 };

const atMost = (longest: number, work: Promise<unknown>): Promise<unknown> => Promise.race([work, new Promise((resolve) => setTimeout(resolve, longest))]);

/** Starts what runs while the canvas is open. Returns how to end it. */
function running(): () => void {
  keepTidy((before, after) => settled(before, after, sizeOf));
  const ends = [keepDescribed(), keepSaved()];
  prefetchPanels();
  openLinked();
  addEventListener("hashchange", openLinked); // the search leads from a journey to another place of the same
  ends.push(() => removeEventListener("hashchange", openLinked));
  return () => {
    for (const end of ends) end();
  };
}

/** Opens what the address points at: a mode, a step, the comments of one. */
function openLinked(): void {
  const discussed = /^#comments-(.*)$/.exec(location.hash)?.[1];
  if (discussed !== undefined) {
    showComments(discussed || null);
    if (discussed) useUi.getState().set({ focus: discussed });
  }
  const linked = /^#step-(.+)$/.exec(location.hash)?.[1];
  if (location.hash === "#live" && useSync.getState().current?.version != null) setMode("live");
  if (location.hash === "#results" && useSync.getState().current?.version != null) {
    setMode("live");
    showResults(true);
    explain(null);
  }
  if (location.hash === "#test") {
    setMode("test");
    requestAnimationFrame(() => requestAnimationFrame(showBeginning)); // beside the panel, once it has taken its room
  }
  const run = /^#run=([0-9a-f-]{36})$/i.exec(location.hash)?.[1];
  if (run) {
    useUi.getState().set({ panel: "customers" });
    void import("@/live/path").then(({ walkPath }) => walkPath(run, ""));
  }
  if (location.hash === "#begin") {
    useUi.getState().select([ENTRY]);
    enterFirstField();
    history.replaceState(null, "", location.pathname);
  }
  if (linked) useUi.getState().set({ mode: "draw", shown: null, panel: null, selection: { steps: [linked], edge: null, notes: [] }, focus: linked });
}

function Canvas() {
  const [searching, setSearching] = useState(false);
  const [dialog, setDialog] = useState<"commands" | "shortcuts" | null>(null);
  const view = useUi((ui) => ui.view);
  const watching = useUi((ui) => ui.mode === "live");
  const travels = useUi((ui) => ui.mode);
  const editable = useEditable();
  const keys = useMemo(
    () => ({ commands: () => setDialog("commands"), shortcuts: () => setDialog("shortcuts"), search: () => setSearching(true) }),
    [],
  );
  useKeys(keys);
  useEffect(() => onPalette(keys.commands), [keys]);
  useLiveVersion();
  return (
    <div className="canvas-app">
      <Toolbar onSearch={keys.search} />
      <ConflictBar />
      <div className="canvas-main">
        {view === "canvas" && editable ? <Palette /> : null}
        <div className="canvas-stage">
          {watching ? (
            <div className="strip">
              <JourneyStrip />
              <FiguresChoice />
              <Locked />
            </div>
          ) : null}
          {view === "canvas" ? (
            <Board />
          ) : (
            <Suspense fallback={<div className="side-wait" aria-busy="true" />}>
              <ListView />
            </Suspense>
          )}
          <Suspense fallback={null}>{travels === "test" ? <TestTimeBar /> : travels === "path" ? <PathTimeBar /> : null}</Suspense>
          {searching && view === "canvas" ? <SearchBar onClose={() => setSearching(false)} /> : null}
        </div>
        <SidePanel />
      </div>
      <ToastList />
      {watching ? <LiveFeed /> : null}
      <Suspense fallback={null}>
        {dialog === "commands" ? <Commands onClose={() => setDialog(null)} onShortcuts={keys.shortcuts} /> : null}
        {dialog === "shortcuts" ? <Shortcuts onClose={() => setDialog(null)} /> : null}
      </Suspense>
    </div>
  );
}

/** A published version cannot be changed: leads to the draft. */
function Locked() {
  const words = useWords();
  const version = useSync((sync) => sync.current?.version ?? null);
  const readOnly = useSync((sync) => sync.readOnly);
  if (version === null) return null;
  return (
    <span className="locked">
      {words("mode.locked", { version })}
      {readOnly ? null : (
        <button type="button" className="button" onClick={() => useUi.getState().set({ mode: "draw", shown: null, panel: null })}>
          {words("mode.edit_draft")}
        </button>
      )}
    </span>
  );
}

/** Grey shapes in place of the canvas while it loads, so that nothing jumps. */
function Waiting() {
  const words = useWords();
  return (
    <div className="canvas-app waiting" role="status" aria-label={words("loading")}>
      <div className="toolbar" />
      <div className="canvas-main">
        <div className="palette" />
        <div className="canvas-stage" />
      </div>
    </div>
  );
}

function Failed({ problem, retry }: { problem: Error; retry: () => void }) {
  const words = useWords();
  return (
    <div className="canvas-failed" role="alert">
      <strong>{words("failed.title")}</strong>
      <p>{problem instanceof ApiProblem ? problem.message : words("panel.no_answer")}</p>
      <button type="button" className="button primary" onClick={retry}>
        {words("retry")}
      </button>
    </div>
  );
}
