/** The time machine's bar under the canvas: a slider with a stop at everything that happened. */

import { ChevronFirst, ChevronLast, ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import { when } from "@/ui/formats";
import { say, useWords } from "@/words";
import type { TimelineEntry } from "./entries";
import "./time-bar.css";

const MOST_MARKS = 400;

type Props = {
  entries: readonly TimelineEntry[];
  at: number;
  pick: (index: number) => void;
  titleOf: (step: string) => string;
  zone?: string | undefined;
  /** Entries that the line before did not have. */
  fresh?: ReadonlySet<number>;
  /** What may be done from here on. */
  children?: ReactNode;
};

export function TimeBar({ entries, at, pick, titleOf, zone, fresh, children }: Props) {
  const words = useWords();
  const entry = entries[at];
  if (!entry) return null;
  const last = entries.length - 1;
  const local = when(entry.at, "full", zone);
  const what = [entry.step ? titleOf(entry.step) : entry.name, say(entry.text).replaceAll("*", "")].filter(Boolean).join(": ");
  const button = (word: "first" | "previous" | "next" | "last", Icon: typeof ChevronLeft, to: number, off: boolean) => (
    <button type="button" className="p-button" disabled={off} onClick={() => pick(to)} aria-label={words(`live.path.${word}`)} title={words(`live.path.${word}`)}>
      <Icon aria-hidden size={16} />
    </button>
  );
  return (
    <section className="time-bar" aria-label={words("time.title")}>
      <div className="time-line">
        {button("first", ChevronFirst, 0, at === 0)}
        {button("previous", ChevronLeft, at - 1, at === 0)}
        <div className="time-track">
          <div className="time-marks" aria-hidden>
            {entries.slice(0, MOST_MARKS).map((one, index) => (
              <i key={index} className={`k-${one.kind} ${index > at ? "later" : ""} ${fresh?.has(index) ? "fresh" : ""}`} style={{ left: `${last ? (index / last) * 100 : 0}%` }} />
            ))}
          </div>
          <input
            type="range"
            min={0}
            max={Math.max(1, last)}
            value={at}
            disabled={last === 0}
            aria-label={words("time.slider")}
            aria-valuetext={`${local}, ${what}`}
            onChange={(event) => pick(Number(event.target.value))}
          />
        </div>
        {button("next", ChevronRight, at + 1, at === last)}
        {button("last", ChevronLast, last, at === last)}
      </div>
      <div className="time-told">
        <time dateTime={entry.at}>{local}</time>
        <span className="p-cut" title={what}>
          {what}
        </span>
        <span className="faint">{words("live.path.position", { at: at + 1, all: entries.length })}</span>
        {children}
      </div>
    </section>
  );
}
