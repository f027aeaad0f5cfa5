import { X } from "lucide-react";
import { type CSSProperties, lazy, Suspense } from "react";
import { PanelEdge, usePanelWidth, within } from "./panel-edge";
import { ENTRY } from "@/document/types";
import { type Panel, useUi } from "@/ui/state";
import { useWords } from "@/words";
import { ProblemsPanel } from "./problems-panel";
import "./side-panel.css";

const Inspector = lazy(() => import("@/inspector/panel").then((module) => ({ default: module.Inspector })));
const PANELS = {
  problems: ProblemsPanel,
  versions: lazy(() => import("@/versions/versions-panel").then((module) => ({ default: module.VersionsPanel }))),
  test: lazy(() => import("@/testrun/test-panel").then((module) => ({ default: module.TestPanel }))),
  customers: lazy(() => import("@/live/customers-panel").then((module) => ({ default: module.CustomersPanel }))),
  results: lazy(() => import("@/performance/panel").then((module) => ({ default: module.ResultsPanel }))),
  comments: lazy(() => import("@/teamwork/comments-panel").then((module) => ({ default: module.CommentsPanel }))),
  yaml: lazy(() => import("@/yaml/yaml-panel").then((module) => ({ default: module.YamlPanel }))),
  publish: lazy(() => import("@/publish/publish-panel").then((module) => ({ default: module.PublishPanel }))),
} satisfies Record<NonNullable<Panel>, unknown>;

/** Takes the focus into the panel that was just opened: who works by keyboard is where they wanted to be. */
export function enterPanel(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>(".side-panel")?.focus({ preventScroll: true }));
}

/** Takes the focus to the first field of the panel that has to be filled in, once the panel is drawn. */
export function enterFirstField(tries = 60): void {
  requestAnimationFrame(() => {
    const field = document.querySelector<HTMLElement>(".side-panel [aria-invalid]");
    if (field) field.focus();
    else if (tries > 0) enterFirstField(tries - 1);
  });
}

/** The panel on the right: the settings of what is selected, or an opened panel. */
export function SidePanel() {
  const words = useWords();
  const panel = useUi((ui) => ui.panel);
  const steps = useUi((ui) => ui.selection.steps);
  const drawing = useUi((ui) => ui.shown === null);
  const width = usePanelWidth((state) => state.width);
  const Chosen = panel === null ? null : PANELS[panel];
  const inspects = Chosen === null && drawing && steps.length === 1;
  if (!Chosen && !inspects) return null;
  const title = panel !== null ? words(`panel.${panel}`) : steps[0] === ENTRY ? words("panel.journey") : words("panel.step");
  const close = (): void => {
    const { mode, set, select } = useUi.getState();
    if (panel === "test") set({ mode: "draw", marks: {}, litEdges: {} });
    else if (panel === null) select([]);
    set({ panel: null });
    if (mode !== "draw") return;
    document.querySelector<HTMLElement>(".board [data-step][tabindex='0']")?.focus({ preventScroll: true });
  };
  return (
    <aside
      className="side-panel"
      style={{ "--panel-width": `${within(width)}px` } as CSSProperties}
      aria-label={title}
      data-panel={panel ?? "inspector"}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        if (event.target instanceof Element && event.target.closest("input, textarea, select, [contenteditable], [role='combobox']") && panel === null) {
          document.querySelector<HTMLElement>(".board [data-step][tabindex='0']")?.focus({ preventScroll: true });
        } else close();
      }}
    >
      <PanelEdge />
      <header className="side-head">
        <h2>{title}</h2>
        <button type="button" className="ghost side-close" onClick={close} aria-label={words("panel.close")} title={words("panel.close")}>
          <X aria-hidden="true" />
        </button>
      </header>
      <div key={panel ?? steps[0]} className="side-body">
        <Suspense fallback={<div className="side-wait" aria-busy="true" />}>{Chosen ? <Chosen /> : <Inspector />}</Suspense>
      </div>
    </aside>
  );
}
