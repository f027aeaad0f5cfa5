/** Counts of a step, an edge, and the whole journey. A click lists the customers behind a number. */

import { type LucideIcon, TriangleAlert } from "lucide-react";
import { useOnCanvas } from "@/board/flow";
import { own } from "@/document/table";
import { goalTitle } from "@/document/titles";
import type { Live, StepCounts as Counts } from "@/document/types";
import { ENTRY } from "@/document/types";
import { compact, money, percent, when } from "@/ui/formats";
import { number, useWords } from "@/words";
import { SENDS } from "./sends";
import { type Asked, showCustomers, useLive } from "./store";
import { countUndrawn } from "./undrawn";
import "./live.css";

const NONE: Counts = { here: 0, troubled: 0, entered: 0, ended: 0, left: {}, sends: {} };
export const sum = (counts: Record<string, number>): number => Object.values(counts).reduce((all, one) => all + one, 0);

/** A number that fades in when it changes. */
export function Figure({ value }: { value: number }) {
  return (
    <b className="l-figure" title={number(value)}>
      <span key={value}>{compact(value)}</span>
    </b>
  );
}

function Count({ word, value, asked, icon: Icon, tone = "" }: { word: string; value: number; asked: Asked; icon?: LucideIcon; tone?: string }) {
  const words = useWords();
  const inside = (
    <>
      {Icon && <Icon aria-hidden size={12} />}
      <span className={Icon ? "hidden" : undefined}>{word}</span>
      <Figure value={value} />
    </>
  );
  if (value === 0) {
    return (
      <span className={`l-count zero ${tone}`} title={Icon ? words("live.count_plain", { what: word, count: 0 }) : undefined}>
        {inside}
      </span>
    );
  }
  const title = words("live.count_of", { what: word, count: number(value) });
  return (
    <button
      type="button"
      className={`l-count nodrag nopan ${tone}`}
      title={title}
      onClick={(event) => {
        event.stopPropagation();
        showCustomers(asked);
      }}
    >
      {inside}
    </button>
  );
}

/** One line in a card: here now, entered, left (by port on the edges); messages by outcome. */
export function StepCounts({ id }: { id: string }) {
  const words = useWords();
  const known = useLive((state) => state.live !== null);
  const counts = useLive((state) => own(state.live?.steps, id)) ?? NONE;
  if (!known) return <div className="l-counts waiting" aria-hidden />;
  const about = (what: Asked["what"]): Asked => ({ step: id, what, port: null });
  const sends = SENDS.filter((one) => counts.sends[one.status]);
  const left = sum(counts.left);
  return (
    <div className="l-counts">
      <Count word={words("live.here")} value={counts.here} asked={about("here")} tone="here" />
      <Count word={words("live.entered")} value={counts.entered} asked={about("entered")} />
      {counts.ended > 0 && left === 0 && <Count word={words("live.ended")} value={counts.ended} asked={about("ended")} />}
      {left > 0 && sends.length === 0 && <Count word={words("live.left")} value={left} asked={about("left")} />}
      {counts.troubled > 0 && (
        <Count
          word={words("live.troubled", { count: number(counts.troubled) })}
          value={counts.troubled}
          asked={about("here")}
          icon={TriangleAlert}
          tone="trouble"
        />
      )}
      {sends.map(({ status, icon, key }) => (
        <Count
          key={status}
          word={words(key)}
          value={counts.sends[status] ?? 0}
          asked={{ step: id, what: "sent", port: status }}
          icon={icon}
          tone={status === "failed" ? "trouble" : "sends"}
        />
      ))}
    </div>
  );
}

/** How many customers took an edge. */
export function EdgeCount({ from, port }: { from: string; port: string }) {
  const words = useWords();
  const value = useLive((state) => (from === ENTRY ? state.live?.entered : own(own(state.live?.steps, from)?.left, port)));
  if (value === undefined || value === 0) return null;
  const title = words("live.way", { count: number(value) });
  return (
    <button
      type="button"
      className="l-edge-count nodrag nopan"
      title={title}
      onClick={(event) => {
        event.stopPropagation();
        showCustomers(from === ENTRY ? { step: null, what: "entered", port: null } : { step: from, what: "left", port });
      }}
    >
      <Figure value={value} />
      <span className="hidden"> {words("live.this_way")}</span>
    </button>
  );
}

/** Counts of the whole journey, in one line. */
export function JourneyStrip() {
  const words = useWords();
  const { live, connected } = useLive();
  const document = useOnCanvas();
  if (live === null) return <div className="l-strip" aria-busy="true"><Connection connected={connected} at={null} /></div>;
  const whole = (what: Asked["what"]): Asked => ({ step: null, what, port: null });
  const undrawn = countUndrawn(live, document.steps);
  return (
    <div className="l-strip" role="group" aria-label={words("live.strip")}>
      <Connection connected={connected} at={live.at} />
      <Count word={words("live.inside")} value={live.here} asked={whole("here")} tone="here" />
      <Count word={words("live.entered")} value={live.entered} asked={whole("entered")} />
      <Count word={words("live.finished")} value={live.finished} asked={whole("ended")} />
      {undrawn > 0 && (
        <a className="l-undrawn" href={`/journeys/${document.key}/moves`} title={words("live.undrawn_line")}>
          {words("live.undrawn", { count: number(undrawn) })}
        </a>
      )}
      {live.goals.map((goal) => (
        <Goal key={goal.goal} goal={goal} title={goalTitle(document, goal.goal)} entered={live.entered} />
      ))}
    </div>
  );
}

function Goal({ goal, title, entered }: { goal: Live["goals"][number]; title: string; entered: number }) {
  const words = useWords();
  const part = percent(goal.runs, entered);
  return (
    <span className="l-goal" title={words("live.conversions_line", { runs: number(goal.runs), entered: number(entered) })}>
      <Count word={title} value={goal.times} asked={{ step: null, what: "goal", port: goal.goal }} />
      {part !== null && <span className="faint">{part}</span>}
      {Object.entries(goal.worth)
        .filter(([, sum]) => sum > 0)
        .map(([currency, sum]) => (
          <b key={currency} title={number(sum)}>
            {money(sum, currency || null)}
          </b>
        ))}
    </span>
  );
}

function Connection({ connected, at }: { connected: boolean; at: string | null }) {
  const words = useWords();
  return (
    <span className={`l-connection ${connected ? "on" : "off"}`} role="status" title={at ? words("live.as_of", { at: when(at, "full") }) : undefined}>
      <i aria-hidden />
      {connected ? words("live.connected") : words("live.reconnecting")}
    </span>
  );
}
