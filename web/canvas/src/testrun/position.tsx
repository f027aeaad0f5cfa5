/** Where the customer is and which events would move them on, each a button; and a form for any other event. */

import { ChevronRight, Zap } from "lucide-react";
import { useId, useState } from "react";
import { useDescribed } from "@/document/described";
import { useNames } from "@/document/names";
import { useDraft } from "@/document/draft";
import type { JsonObject } from "@/document/types";
import { Emphasised } from "@/ui/emphasised";
import { Moment } from "@/ui/moment";
import { stepTitle } from "@/document/titles";
import { useUi } from "@/ui/state";
import { language, say, useWords } from "@/words";
import { Pairs } from "./pairs";
import { DAY, HOUR, play, propertiesFor, type Script } from "./script";
import { type Run, rewrite, type TestRun, useTest, type WakingEvent } from "./store";

/** Example properties of an event, with those that are required. */
export function filled(event: string, properties: JsonObject): JsonObject {
  const earlier = useTest.getState().script?.events ?? [];
  return { ...propertiesFor(event, useNames.getState(), earlier, language()), ...properties };
}

const playNow = (event: string, properties: JsonObject): void => rewrite((script) => play(script, event, filled(event, properties)));

export function PositionPart({ answer, zone }: { answer: TestRun; zone: string | undefined }) {
  const words = useWords();
  const under = answer.runs.filter((run) => run.now !== null);
  const last = answer.runs.at(-1);
  return (
    <section className="p-section t-position" aria-label={words("test.stands")}>
      {answer.stopped && <p className="p-warn">{say(answer.stopped.text)}</p>}
      {under.map((run) => (
        <RunPosition key={`${run.key} ${run.transitions[0]?.at}`} run={run} zone={zone} />
      ))}
      {under.length === 0 && last?.ended && (
        <p className="t-ended">
          <strong>
            <Emphasised text={say(last.ended.text)} />
          </strong>
          <span className="faint">
            <Moment at={last.ended.at} zone={zone} />
          </span>
        </p>
      )}
      {under.length === 0 && (
        <>
          <p className="p-note">{words(last ? "test.again_line" : "test.begin_line")}</p>
          <div className="p-row">
            {answer.entry_events.map((event, index) => (
              <PlayButton key={event.name} wakes={{ event: event.name, port: null, properties: event.properties }} primary={!last && index === 0} />
            ))}
          </div>
        </>
      )}
    </section>
  );
}

function RunPosition({ run, zone }: { run: Run; zone: string | undefined }) {
  const words = useWords();
  const document = useDraft((state) => state.document);
  const now = run.now;
  if (!now) return null;
  return (
    <div>
      <h3 className="p-h">
        {words("test.stands")}
        {run.key && <code>{run.key}</code>}
      </h3>
      <button type="button" className="t-step" onClick={() => useUi.getState().set({ focus: now.step })}>
        <strong>{stepTitle(document, now.step)}</strong>
        <span>
          <Emphasised text={say(now.text)} />
        </span>
        {now.waiting_until && (
          <span className="faint">
            {words("test.until")} <Moment at={now.waiting_until} zone={zone} />
          </span>
        )}
      </button>
      {now.waking_events.length > 0 && (
        <div className="p-row">
          {now.waking_events.map((wakes) => (
            <PlayButton key={`${wakes.event} ${wakes.port}`} wakes={wakes} step={now.step} />
          ))}
        </div>
      )}
    </div>
  );
}

function PlayButton({ wakes, step, primary = false }: { wakes: WakingEvent; step?: string; primary?: boolean }) {
  const words = useWords();
  const ports = useDescribed((state) => (step ? state.described.steps[step]?.ports : undefined));
  const ready = useTest((state) => state.script?.clock != null);
  const port = ports?.find((one) => one.name === wakes.port);
  const label = port ? say(port.label) : "";
  return (
    <button
      type="button"
      className={`button small ${primary ? "primary" : ""}`}
      disabled={!ready}
      title={JSON.stringify(filled(wakes.event, wakes.properties))}
      onClick={() => playNow(wakes.event, wakes.properties)}
    >
      <Zap aria-hidden size={14} />
      {words("test.play", { event: wakes.event })}
      {label && label !== wakes.event && <span className="t-port">→ {label}</span>}
    </button>
  );
}

const AFTER = { now: 0, hour: HOUR, day: DAY, week: 7 * DAY } as const;

export function EventPart({ script }: { script: Script }) {
  const words = useWords();
  const names = useNames();
  const list = useId();
  const [name, setName] = useState("");
  const [properties, setProperties] = useState<JsonObject>({});
  const [after, setAfter] = useState<keyof typeof AFTER>("now");
  const known = names.events.find((event) => event.name === name);
  const choose = (chosen: string): void => {
    setName(chosen);
    if (names.events.some((event) => event.name === chosen)) setProperties(filled(chosen, {}));
  };
  return (
    <details className="t-fold">
      <summary>
        <ChevronRight aria-hidden size={14} />
        <span>{words("test.other_event")}</span>
      </summary>
      <form
        className="t-folded"
        onSubmit={(event) => {
          event.preventDefault();
          const { "": _, ...named } = properties;
          if (name.trim()) rewrite((now) => play(now, name.trim(), named, AFTER[after]));
        }}
      >
        <label className="p-field">
          <span>{words("test.event")}</span>
          <input value={name} list={list} required maxLength={200} onChange={(event) => choose(event.target.value)} />
        </label>
        <datalist id={list}>
          {names.events.map((event) => (
            <option key={event.name} value={event.name} />
          ))}
        </datalist>
        <Pairs values={properties} change={setProperties} known={known?.properties ?? []} label={words("test.add_property")} />
        <div className="p-row">
          <select aria-label={words("test.when")} value={after} onChange={(event) => setAfter(event.target.value as keyof typeof AFTER)}>
            {(Object.keys(AFTER) as (keyof typeof AFTER)[]).map((one) => (
              <option key={one} value={one}>
                {words(`test.after.${one}`)}
              </option>
            ))}
          </select>
          <button type="submit" className="button small" disabled={!name.trim() || script.clock === null}>
            <Zap aria-hidden size={14} />
            {words("test.play_it")}
          </button>
        </div>
      </form>
    </details>
  );
}
