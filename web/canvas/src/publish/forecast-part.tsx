/** What the draft would have done with the real events of the last days, with how far each number may be off. */

import { useState } from "react";
import { useChannelTitle } from "@/messages/channels";
import { Failed, Loading } from "@/ui/feedback";
import { when } from "@/ui/formats";
import { useSync } from "@/document/draft";
import { plain } from "@/document/titles";
import { number, say, useWords } from "@/words";
import { type Backtest, type Day, daysOf, type Estimate, type Figure, type Figures, isExact, isOver, margin, totalOf, useForecast } from "./forecast";
import { roughly } from "./review";
import "./forecast.css";

const DAYS = [7, 30, 90] as const;
const TOTALS = ["triggered", "customers", "entries", "sent", "running"];

export function Forecast() {
  const words = useWords();
  const [days, setDays] = useState<number>(30);
  const revision = useSync((state) => state.revision);
  const { found, error, cancel, again } = useForecast(days, revision);
  return (
    <section className="p-section" data-forecast={found?.state ?? "starting"}>
      <h3>
        {words("forecast.title")}
        <select className="end" aria-label={words("forecast.period")} value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {DAYS.map((one) => (
            <option key={one} value={one}>
              {words("forecast.days", { count: one })}
            </option>
          ))}
        </select>
      </h3>
      {error !== null ? <Failed error={error} retry={again} /> : <Watched found={found} cancel={cancel} again={again} />}
    </section>
  );
}

function Watched({ found, cancel, again }: { found: Backtest | null; cancel: () => void; again: () => void }) {
  const words = useWords();
  if (found?.state === "failed") {
    return (
      <>
        <p className="p-warn">{found.problem ? say(found.problem) : ""}</p>
        <button type="button" className="p-button accent" onClick={again}>
          {words("forecast.again")}
        </button>
      </>
    );
  }
  const figures = found?.figures ?? null;
  return (
    <>
      <Progress found={found} cancel={cancel} again={again} />
      {figures ? <Found figures={figures} /> : found && isOver(found) ? null : <Loading lines={4} />}
    </>
  );
}

function Progress({ found, cancel, again }: { found: Backtest | null; cancel: () => void; again: () => void }) {
  const words = useWords();
  const figures = found?.figures;
  const over = found !== null && isOver(found);
  const told = figures
    ? figures.exact
      ? words("forecast.exact", { of: number(figures.of) })
      : words("forecast.walked", { walked: number(figures.walked), of: number(figures.of) })
    : words(found?.state === "waiting" ? "forecast.waiting" : over ? "forecast.cancelled" : "forecast.counting");
  return (
    <div className="fc-progress">
      {!over && <progress aria-label={words("forecast.title")} max={figures?.of || 1} value={figures?.walked ?? 0} />}
      <div className="p-row tight">
        <span className="p-note p-grow">{told}</span>
        {found && !over && (
          <button type="button" className="p-button" onClick={cancel}>
            {words("forecast.cancel")}
          </button>
        )}
        {found?.state === "cancelled" && (
          <button type="button" className="p-button accent" onClick={again}>
            {words("forecast.again")}
          </button>
        )}
      </div>
    </div>
  );
}

function Found({ figures }: { figures: Figures }) {
  const words = useWords();
  if (figures.of === 0) return <p className="p-note">{words("forecast.nobody")}</p>;
  const entries = totalOf(figures, "entries");
  const quiet = entries?.draft.high === 0 && (entries.live?.high ?? 0) === 0;
  return (
    <>
      {quiet ? <p className="p-note">{words("forecast.no_entries", { count: figures.days })}</p> : <Table figures={figures} />}
      {!quiet && figures.messages_by_day.length > 0 && <Days figures={figures} />}
      {figures.compared && !quiet && <Differing figures={figures} />}
      {figures.sections.length > 0 && <Details figures={figures} />}
      {!figures.exact && <p className="p-note">{words("forecast.intervals")}</p>}
    </>
  );
}

function Table({ figures }: { figures: Figures }) {
  const words = useWords();
  const rows = TOTALS.map((code) => totalOf(figures, code)).filter((one): one is Figure => one !== undefined);
  const byChannel = figures.sections.find((one) => one.code === "sent_by")?.figures ?? [];
  return (
    <table className="fc-table">
      {figures.compared && (
        <thead>
          <tr>
            <th />
            <th>{words("forecast.draft")}</th>
            <th>{words("forecast.difference")}</th>
          </tr>
        </thead>
      )}
      <tbody>
        {rows.map((one) => (
          <Row key={one.code} figure={one} compared={figures.compared} parts={one.code === "sent" ? byChannel : []} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ figure, compared, parts = [], inner = false }: { figure: Figure; compared: boolean; parts?: Figure[]; inner?: boolean }) {
  return (
    <>
      <tr className={inner ? "inner" : undefined} data-figure={figure.code}>
        <th scope="row">{plain(say(figure.text))}</th>
        <td>
          <Amount one={figure.draft} />
        </td>
        {compared && <td>{figure.difference && <Amount one={figure.difference} signed />}</td>}
      </tr>
      {parts.map((one) => (
        <Row key={one.code} figure={one} compared={compared} inner />
      ))}
    </>
  );
}

const rounded = (value: number): number => Math.sign(value) * roughly(Math.abs(value));

/** A number with how far it may be off; an exact one stands alone. */
function Amount({ one, signed = false }: { one: Estimate; signed?: boolean }) {
  const words = useWords();
  const sign = signed && one.value > 0 ? "+" : "";
  if (isExact(one)) return <b>{sign + number(one.value)}</b>;
  const title = words("forecast.between", { low: number(Math.round(one.low)), high: number(Math.round(one.high)) });
  return (
    <span title={title}>
      <b>{sign + number(rounded(one.value))}</b> <small>± {number(roughly(margin(one)))}</small>
    </span>
  );
}

function Days({ figures }: { figures: Figures }) {
  const words = useWords();
  const channel = useChannelTitle();
  const days = daysOf(figures);
  const names = [...new Set(figures.messages_by_day.map((one) => one.channel))].sort();
  const most = Math.max(1, ...days.map((one) => Math.max(one.total, one.live ?? 0)));
  const said = (one: Day): string =>
    [when(`${one.day}T12:00:00Z`, "day", "UTC"), ...one.parts.map((part) => `${channel(part.channel)} ${number(Math.round(part.value))}`)].join(" · ");
  return (
    <figure className="fc-days">
      <figcaption className="p-note">{words("forecast.by_day", { most: number(roughly(most)) })}</figcaption>
      <div className="fc-bars" role="img" aria-label={words("forecast.by_day", { most: number(roughly(most)) })}>
        {days.map((one) => (
          <div key={one.day} title={said(one)}>
            {one.live !== null && <i className="fc-live" style={{ bottom: `${(100 * one.live) / most}%` }} />}
            {one.parts.map((part) => (
              <i key={part.channel} className={`fc-c${names.indexOf(part.channel) % 4}`} style={{ height: `${(100 * part.value) / most}%` }} />
            ))}
          </div>
        ))}
      </div>
      <div className="p-row fc-legend">
        {names.map((name, index) => (
          <span key={name}>
            <i className={`fc-c${index % 4}`} /> {channel(name)}
          </span>
        ))}
        {figures.compared && (
          <span>
            <i className="fc-live" /> {words("forecast.live")}
          </span>
        )}
      </div>
    </figure>
  );
}

function Differing({ figures }: { figures: Figures }) {
  const words = useWords();
  return (
    <>
      <h4 className="fc-h">{words("forecast.differing")}</h4>
      <table className="fc-table">
        <tbody>
          {figures.differs.map((one) => (
            <tr key={one.code}>
              <th scope="row">{say(one.text)}</th>
              <td>
                <Amount one={one.customers} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}

function Details({ figures }: { figures: Figures }) {
  const words = useWords();
  const sections = figures.sections.filter((one) => one.code !== "sent_by");
  if (sections.length === 0) return null;
  return (
    <details className="fc-more">
      <summary>{words("forecast.more")}</summary>
      {sections.map((section) => (
        <table key={section.code} className="fc-table">
          <caption>{say(section.text)}</caption>
          <tbody>
            {section.figures.map((one) => (
              <Row key={one.code} figure={one} compared={figures.compared} />
            ))}
          </tbody>
        </table>
      ))}
    </details>
  );
}
