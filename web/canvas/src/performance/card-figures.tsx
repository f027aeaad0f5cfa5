/** What became of a step's messages, in its card: a part of a whole each, told in full by its title and in the panel. */

import { Send } from "lucide-react";
import { own } from "@/document/table";
import { useDescribed } from "@/document/described";
import { plain } from "@/document/titles";
import { StepCounts } from "@/live/counts";
import { compact, percent } from "@/ui/formats";
import { number, say, useWords } from "@/words";
import { RATES, type ArmFigures, type Figures, type Rate, share, shown } from "./rates";
import { explain, usePerformance, useResults } from "./store";
import "./performance.css";

/** Of a step that sends or compares; of every other, who is where. */
export function CardFigures({ id }: { id: string }) {
  const on = useResults((state) => state.on);
  return on ? <StepResults id={id} /> : <StepCounts id={id} />;
}

function StepResults({ id }: { id: string }) {
  const found = usePerformance((all) => ({ step: own(all.steps, id), arms: own(all.arms, id) }));
  if (found.isPending) return <div className="l-counts waiting" aria-hidden />;
  if (found.data?.step) return <MessageFigures id={id} figures={found.data.step.total} />;
  if (found.data?.arms) return <ArmShares id={id} arms={found.data.arms} />;
  return <StepCounts id={id} />;
}

/** A rate in words: who, of how many, of what; or what is missing. */
export function useRateLine(): (name: (typeof RATES)[number]["name"], rate: Rate) => string {
  const words = useWords();
  return (name, rate) => {
    const what = words(`performance.${name}`);
    if (rate.missing !== null) return `${what}: ${words(`performance.missing.${rate.missing}`)}`;
    const of = words(`performance.of.${rate.of_what}`, { count: rate.of });
    return `${what}: ${words("performance.part", { part: number(rate.people), of, share: percent(rate.people, rate.of) ?? "" })}`;
  };
}

function MessageFigures({ id, figures }: { id: string; figures: Figures }) {
  const words = useWords();
  const line = useRateLine();
  if (figures.sent.people === 0) {
    return (
      <button type="button" className="r-card nodrag nopan none" onClick={() => explain(id)}>
        {words("performance.missing.nothing_sent")}
      </button>
    );
  }
  const rates = shown(figures);
  const sent = `${words("performance.sent")}: ${words("performance.people", { count: figures.sent.people })}`;
  const title = [sent, ...rates.map(({ name }) => line(name, figures[name]))].join("\n");
  return (
    <button
      type="button"
      className="r-card nodrag nopan"
      title={title}
      onClick={(event) => {
        event.stopPropagation();
        explain(id);
      }}
    >
      <span className="r-cell">
        <Send aria-hidden size={12} />
        <span className="hidden">{words("performance.sent")} </span>
        <b>{compact(figures.sent.people)}</b>
      </span>
      {rates.map(({ name, icon: Icon }) => (
        <span key={name} className="r-cell">
          <Icon aria-hidden size={12} />
          <span className="hidden">{words(`performance.${name}`)} </span>
          <b>{share(figures[name]) ?? "–"}</b>
        </span>
      ))}
    </button>
  );
}

/** What part of each arm reached a goal. */
function ArmShares({ id, arms }: { id: string; arms: Record<string, ArmFigures> }) {
  const words = useWords();
  const line = useRateLine();
  const ports = useDescribed((state) => own(state.described.steps, id)?.ports) ?? [];
  const named = ports.filter((port) => own(arms, port.name)).map((port) => ({ label: plain(say(port.label)) || port.name, arm: arms[port.name] as ArmFigures }));
  const title = named.map(({ label, arm }) => `${label}: ${words("performance.people", { count: arm.entered.people })} · ${line("converted", arm.converted)}`).join("\n");
  return (
    <button
      type="button"
      className="r-card arms nodrag nopan"
      title={title}
      onClick={(event) => {
        event.stopPropagation();
        explain(id);
      }}
    >
      {named.map(({ label, arm }) => (
        <span key={label} className="r-cell">
          <span className="p-cut">{label}</span>
          <b>{share(arm.converted) ?? "–"}</b>
        </span>
      ))}
    </button>
  );
}
