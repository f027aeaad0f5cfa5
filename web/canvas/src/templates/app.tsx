/** The whole editor of one template: bar, words on the left, on the right what customers would see. */

import { Tooltip } from "radix-ui";
import { useEffect, useMemo, useState } from "react";
import { ApiProblem } from "@/api/client";
import { loadNames } from "@/document/names";
import { Guard } from "@/inspector/guard";
import { type FormPlace, PlaceContext } from "@/inspector/form-place";
import "@/inspector/inspector.css";
import { Said } from "@/shell/said";
import "@/shell/shell.css";
import { useWords } from "@/words";
import { Bar } from "./bar";
import { Conflict } from "./conflict";
import { LookPanel, useLook } from "./look";
import { load, redo, saveNow, undo, useTemplate } from "./store";
import { TemplateVariables } from "./variables";
import { Writing } from "./writing";
import "./templates.css";

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
  const { readOnly, problems } = useTemplate();
  const place: FormPlace = useMemo(() => ({ step: null, readOnly, problems, events: [] }), [readOnly, problems]);
  const look = useLook();
  useEffect(leavingSafely, []);
  useEffect(keys, []);
  return (
    <PlaceContext.Provider value={place}>
      <TemplateVariables>
        <div className="canvas-app t-app">
          <Bar look={look.data} />
          <Conflict />
          <div className="te-main">
            <Guard>
              <Writing look={look.data} />
            </Guard>
            <Guard>
              <LookPanel {...look} />
            </Guard>
          </div>
          <Said />
        </div>
      </TemplateVariables>
    </PlaceContext.Provider>
  );
}

function leavingSafely(): () => void {
  const leaving = (event: BeforeUnloadEvent): void => {
    if (useTemplate.getState().save !== "saved" && !useTemplate.getState().readOnly) event.preventDefault();
  };
  const online = (): void => {
    if (useTemplate.getState().save === "failed") void saveNow();
  };
  addEventListener("beforeunload", leaving);
  addEventListener("online", online);
  return () => {
    removeEventListener("beforeunload", leaving);
    removeEventListener("online", online);
  };
}

/** A field of text undoes what is typed by itself; everywhere else the whole template goes back. */
function keys(): () => void {
  const pressed = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "s") {
      event.preventDefault();
      void saveNow();
      return;
    }
    const typing = event.target instanceof Element && event.target.matches('textarea, input:not([type="checkbox"]):not([type="color"])');
    if (typing || (key !== "z" && key !== "y")) return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  };
  addEventListener("keydown", pressed);
  return () => removeEventListener("keydown", pressed);
}
