/** What became of a journey's messages, in words and numbers: by step and channel, and by arm of an experiment. */

import { BarChart3 } from "lucide-react";
import { Fragment } from "react";
import { useDescribed } from "@/document/described";
import { useDraft } from "@/document/draft";
import { own } from "@/document/table";
import { plain, titleOf } from "@/document/titles";
import type { JourneyDocument, StepNode } from "@/document/types";
import { useChannelTitle } from "@/messages/channels";
import { page } from "@/page";
import { Empty, Failed, Loading } from "@/ui/feedback";
import { percent, when } from "@/ui/formats";
import { useUi } from "@/ui/state";
import { number, say, useWords } from "@/words";
import { PeriodChoice } from "./period-choice";
import { RATES, type ArmFigures, type Figures, type Performance, type Rate, shown } from "./rates";
import { explain, usePerformance, useResults } from "./store";
import "./performance.css";

export function ResultsPanel() {
  const found = usePerformance((all) => all);
  return (
    <div className="p-body">
      <Choice found={found.data} />
      <div className="p-scroll">
        {found.isPending ? <Loading lines={8} /> : found.isError ? <Failed error={found.error} retry={() => void found.refetch()} /> : <Steps found={found.data} />}
      </div>
    </div>
  );
}

const useShownDocument = (): JourneyDocument => {
  const shownNow = useUi((state) => state.shown);
  const draft = useDraft((state) => state.document);
  return shownNow ?? draft;
};

function Choice({ found }: { found: Performance | undefined }) {
  const words = useWords();
  const about = useResults((state) => state.about);
  const document = useShownDocument();
  const steps = document.steps.filter((step) => found && (own(found.steps, step.id) || own(found.arms, step.id)));
  return (
    <div className="l-filter">
      <select aria-label={words("live.customers.step")} value={about ?? ""} onChange={(event) => explain(event.target.value || null)}>
        <option value="">{words("performance.all_steps")}</option>
        {steps.map((step) => (
          <option key={step.id} value={step.id}>
            {titleOf(step)}
          </option>
        ))}
      </select>
      <PeriodChoice />
      <a className="p-button" href={`/journeys/${encodeURIComponent(page.key)}/report`}>
        <BarChart3 aria-hidden size={14} />
        {words("performance.report")}
      </a>
      {found && <p className="p-note">{found.since ? words("performance.since", { at: when(found.since, "day", found.time_zone) }) : words("performance.ever")}</p>}
    </div>
  );
}

function Steps({ found }: { found: Performance }) {
  const words = useWords();
  const about = useResults((state) => state.about);
  const document = useShownDocument();
  const steps = document.steps.filter((step) => (about === null || step.id === about) && (own(found.steps, step.id) || own(found.arms, step.id)));
  if (steps.length === 0) {
    return (
      <Empty icon={<BarChart3 aria-hidden size={24} />} title={words("performance.none")}>
        <p>{words("performance.none_line")}</p>
      </Empty>
    );
  }
  return (
    <>
      {steps.map((step) => (
        <section key={step.id} className="p-section">
          <h3>
            <button type="button" className="r-step" onClick={() => useUi.getState().set({ focus: step.id })}>
              {titleOf(step)}
            </button>
          </h3>
          <StepTable step={step} found={found} />
        </section>
      ))}
      <Notes goals={found.goals} />
    </>
  );
}

function StepTable({ step, found }: { step: StepNode; found: Performance }) {
  const channelTitle = useChannelTitle();
  const told = own(found.steps, step.id);
  const arms = own(found.arms, step.id);
  if (arms) return <Arms id={step.id} arms={arms} />;
  if (!told) return null;
  const channels = Object.entries(told.channels);
  if (channels.length < 2) return <FiguresTable figures={told.total} caption={channels[0] ? channelTitle(channels[0][0]) : undefined} />;
  return (
    <>
      <FiguresTable figures={told.total} />
      {channels.map(([name, figures]) => (
        <FiguresTable key={name} figures={figures} caption={channelTitle(name)} />
      ))}
    </>
  );
}

function Arms({ id, arms }: { id: string; arms: Record<string, ArmFigures> }) {
  const ports = useDescribed((state) => own(state.described.steps, id)?.ports) ?? [];
  return (
    <>
      {ports.map((port) => {
        const arm = own(arms, port.name);
        return arm ? <FiguresTable key={port.name} figures={arm} entered={arm.entered} caption={plain(say(port.label)) || port.name} /> : null;
      })}
    </>
  );
}

function FiguresTable({ figures, caption, entered }: { figures: Figures; caption?: string | undefined; entered?: Figures["sent"] }) {
  const words = useWords();
  const nothing = figures.sent.people === 0;
  if (nothing && !entered) return <p className="p-note">{words("performance.missing.nothing_sent")}</p>;
  const rates = nothing ? RATES.filter(({ name }) => name === "converted") : shown(figures);
  return (
    <table className="r-table">
      {caption && <caption>{caption}</caption>}
      <thead className="hidden">
        <tr>
          <th scope="col">{words("performance.measure")}</th>
          <th scope="col">{words("performance.share")}</th>
          <th scope="col">{words("performance.count")}</th>
        </tr>
      </thead>
      <tbody>
        {entered && <CountRow name={words("performance.entered")} count={entered} unit="runs" />}
        <CountRow name={words("performance.sent")} count={figures.sent} unit="messages" />
        {rates.map(({ name }) => (
          <RateRow key={name} name={words(`performance.${name}`)} rate={figures[name]} />
        ))}
      </tbody>
    </table>
  );
}

function CountRow({ name, count, unit }: { name: string; count: Figures["sent"]; unit: "messages" | "runs" }) {
  const words = useWords();
  return (
    <tr>
      <th scope="row">{name}</th>
      <td />
      <td>
        {words("performance.people", { count: count.people })}
        {count.times !== count.people && <span className="faint"> · {words(`performance.${unit}`, { count: count.times })}</span>}
      </td>
    </tr>
  );
}

function RateRow({ name, rate }: { name: string; rate: Rate }) {
  const words = useWords();
  if (rate.missing !== null) {
    return (
      <tr>
        <th scope="row">{name}</th>
        <td className="faint" colSpan={2}>
          {words(`performance.missing.${rate.missing}`)}
        </td>
      </tr>
    );
  }
  return (
    <tr>
      <th scope="row">{name}</th>
      <td>
        <b>{percent(rate.people, rate.of)}</b>
      </td>
      <td>{words("performance.of_line", { part: number(rate.people), of: words(`performance.of.${rate.of_what}`, { count: rate.of }) })}</td>
    </tr>
  );
}

const NOTES = ["people", "period", "reached", "opens", "converted", "arms", "unsubscribed"] as const;

/** What each number means; folded, for it is read once. */
function Notes({ goals }: { goals: boolean }) {
  const words = useWords();
  return (
    <details className="p-section r-notes">
      <summary>{words("performance.notes")}</summary>
      <dl>
        {NOTES.filter((note) => goals || note !== "converted").map((note) => (
          <Fragment key={note}>
            <dt>{words(`performance.note.${note}`)}</dt>
            <dd>{words(`performance.note.${note}_line`)}</dd>
          </Fragment>
        ))}
      </dl>
    </details>
  );
}
