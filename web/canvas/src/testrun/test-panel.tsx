/** A test run of the draft: a customer, events and a clock; the path lights up, with the reason of each decision. */

import { ChevronRight, FlaskConical, Footprints, ShieldCheck, Trash2 } from "lucide-react";
import { useEffect } from "react";
import { ApiProblem } from "@/api/client";
import { useDraft } from "@/document/draft";
import { Empty, Failed, Loading } from "@/ui/feedback";
import { stepTitle } from "@/document/titles";
import { TimelineList } from "@/timeline/list";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import { AttackPart } from "./attack-part";
import { ClockPart } from "./clock";
import { CustomerPart } from "./customer";
import { SentMessage } from "./message-preview";
import { DAY, HOUR, moveEvent, type Script, withoutEvent } from "./script";
import { EventPart, PositionPart } from "./position";
import { DifferencePart, StatePart } from "./time-part";
import { showEntry, openTest, replay, rewrite, useTest } from "./store";
import "./testrun.css";

export function TestPanel() {
  const words = useWords();
  const { script, answer, problem } = useTest();
  useEffect(() => openTest(), []);
  if (!script) return <Loading lines={8} />;
  const zone = script.who.kind === "invented" ? script.who.customer.time_zone : undefined;
  return (
    <div className="p-body p-scroll">
      <p className="t-safe">
        <ShieldCheck aria-hidden size={14} />
        {words("test.nothing_sent")}
      </p>
      <CustomerPart who={script.who} />
      {problem !== null ? (
        <Stopped problem={problem} />
      ) : (
        <>
          <ClockPart script={script} zone={zone} />
          <DifferencePart />
          {answer ? <PositionPart answer={answer} zone={zone} /> : <Loading lines={4} />}
          <details className="state-fold" open>
            <summary>
              <ChevronRight aria-hidden size={14} />
              <span>{words("time.state")}</span>
            </summary>
            <StatePart />
          </details>
          <EventPart script={script} />
          <AttackPart zone={zone} />
          {answer && <Log script={script} zone={zone} />}
        </>
      )}
    </div>
  );
}

const MOVES = [
  ["day_back", -DAY],
  ["hour_back", -HOUR],
  ["hour_on", HOUR],
  ["day_on", DAY],
] as const;

/** The journey has errors, or the server does not answer. */
function Stopped({ problem }: { problem: unknown }) {
  const words = useWords();
  const errors = useTest((state) => state.errors).filter((one) => one.severity === "error");
  if (!(problem instanceof ApiProblem) || problem.code !== "journey_has_errors") return <Failed error={problem} retry={() => replay()} />;
  return (
    <Empty icon={<FlaskConical aria-hidden size={24} />} title={words("test.has_errors")}>
      <p>{words("test.has_errors_line", { count: errors.length })}</p>
      <ul className="t-errors">
        {errors.slice(0, 3).map((error, index) => (
          <li key={index}>{error.message}</li>
        ))}
      </ul>
      <button type="button" className="button" onClick={() => useUi.getState().set({ panel: "problems" })}>
        {words("test.show_problems")}
      </button>
    </Empty>
  );
}

function Log({ script, zone }: { script: Script; zone: string | undefined }) {
  const words = useWords();
  const { timeline, at } = useTest();
  const document = useDraft((state) => state.document);
  const clock = Date.parse(script.clock ?? "");
  const past = timeline.filter((entry) => Date.parse(entry.at) <= clock);
  const here = Math.min(at ?? past.length - 1, past.length - 1);
  if (past.length === 0) {
    return (
      <Empty icon={<Footprints aria-hidden size={24} />} title={words("test.no_log")}>
        <p>{words("test.no_log_line")}</p>
      </Empty>
    );
  }
  return (
    <section aria-label={words("test.log")} className="t-log" data-scrolls>
      <TimelineList
        entries={past}
        at={here}
        pick={(index) => showEntry(index === past.length - 1 ? null : index)}
        titleOf={(id) => stepTitle(document, id)}
        label={words("test.log")}
        zone={zone}
        under={(entry, index) => {
          if (entry.send) return <SentMessage send={entry.send} open={index === here} />;
          const played = entry.kind === "event" ? script.events.find((event) => Date.parse(event.at) === Date.parse(entry.at) && event.name === entry.name) : undefined;
          if (!played) return null;
          const label = words("test.take_back", { event: played.name });
          return (
            <div className="t-take-back" data-here={index === here || undefined}>
              {MOVES.map(([key, by]) => (
                <button key={key} type="button" className="p-button" title={words(`time.move.${key}`, { event: played.name })} aria-label={words(`time.move.${key}`, { event: played.name })} onClick={() => rewrite((now) => moveEvent(now, played, by))}>
                  {words(`time.by.${key}`)}
                </button>
              ))}
              <button type="button" className="p-button" aria-label={label} title={label} onClick={() => rewrite((now) => withoutEvent(now, played))}>
                <Trash2 aria-hidden size={12} />
              </button>
            </div>
          );
        }}
      />
    </section>
  );
}
