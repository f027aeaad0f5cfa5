/** The editor of one template: a bar, the content on the left, on the right what customers would see. */

import { Tooltip } from "radix-ui";
import { useEffect, useMemo, useState } from "react";
import { ApiProblem } from "@/api/client";
import { loadNames } from "@/document/names";
import { EditorsContext } from "@/forms/editors";
import { Guard } from "@/forms/guard";
import { EDITORS } from "@/inspector/editors";
import "@/inspector/panel.css";
import "@/shell/layout.css";
import { type FormScope, FormContext } from "@/forms/context";
import { ToastList } from "@/ui/toast-list";
import { useWords } from "@/words";
import { Bar } from "./bar";
import { Conflict } from "./conflict";
import { PreviewPanel, useTemplatePreview } from "./preview";
import { keepSaved, load, redo, saveNow, undo, useEditor, useTemplateSync } from "./store";
import { TemplateVariables } from "./variables";
import { ContentPanel } from "./content";
import "./layout.css";

export function TemplateApp() {
  const words = useWords();
  const [state, setState] = useState<"loading" | "there" | Error>("loading");
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    load().then(
      () => setState("there"),
      (problem: unknown) => setState(problem instanceof Error ? problem : new Error(String(problem))),
    );
    void loadNames().catch(() => undefined); // names only help
  }, [attempt]);
  if (state === "loading") return <div className="canvas-app waiting" role="status" aria-label={words("loading")} />;
  if (state !== "there")
    return (
      <div className="canvas-failed" role="alert">
        <strong>{words("tpl.failed")}</strong>
        <p>{state instanceof ApiProblem ? state.message : words("panel.no_answer")}</p>
        <button type="button" className="button primary" onClick={() => setAttempt(attempt + 1)}>
          {words("retry")}
        </button>
      </div>
    );
  return (
    <Tooltip.Provider delayDuration={400}>
      <Editor />
    </Tooltip.Provider>
  );
}

function Editor() {
  const readOnly = useTemplateSync((sync) => sync.readOnly);
  const problems = useEditor((editor) => editor.problems);
  const scope: FormScope = useMemo(() => ({ step: null, readOnly, problems, events: [] }), [readOnly, problems]);
  const preview = useTemplatePreview();
  useEffect(keepSaved, []);
  useEffect(keys, []);
  return (
    <EditorsContext.Provider value={EDITORS}>
      <FormContext.Provider value={scope}>
        <TemplateVariables>
          <div className="canvas-app t-app">
            <Bar preview={preview.data} />
            <Conflict />
            <div className="te-main">
              <Guard>
                <ContentPanel preview={preview.data} />
              </Guard>
              <Guard>
                <PreviewPanel {...preview} />
              </Guard>
            </div>
            <ToastList />
          </div>
        </TemplateVariables>
      </FormContext.Provider>
    </EditorsContext.Provider>
  );
}

/** Text fields have their own undo; everywhere else the keys undo changes of the template. */
function keys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s") {
      event.preventDefault();
      void saveNow();
      return;
    }
    const typing = event.target instanceof Element && event.target.matches('textarea, [contenteditable], input:not([type="checkbox"]):not([type="color"])');
    if (typing || (key !== "z" && key !== "y")) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
