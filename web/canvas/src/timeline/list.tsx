/** A timeline as a list that is walked with the arrow keys. `under`: what an entry has below it. */

import { Ban, Clock, CornerDownRight, Flag, Footprints, type LucideIcon, Route, Send, Target, Zap } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { inLocale, say } from "@/words";
import { Emphasised } from "@/ui/emphasised";
import { Moment } from "@/ui/moment";
import { when } from "@/ui/formats";
import type { TimelineEntry } from "./entries";
import "./list.css";

const ICONS: Record<TimelineEntry["kind"], LucideIcon> = {
  entered: Footprints,
  left: CornerDownRight,
  goal: Target,
  ended: Flag,
  moved: Route,
  send: Send,
  event: Zap,
};

function iconOf(entry: TimelineEntry): LucideIcon {
  if (entry.kind !== "send") return ICONS[entry.kind];
  return entry.send?.outcome === "held" ? Clock : entry.send?.outcome === "sent" || entry.send?.outcome === "claimed" ? Send : Ban;
}

const toneOf = (entry: TimelineEntry): string => (entry.kind === "send" && entry.send?.outcome !== "sent" ? "quiet-send" : entry.kind);

type Props = {
  entries: readonly TimelineEntry[];
  at: number;
  pick: (index: number) => void;
  titleOf: (step: string) => string;
  label: string;
  zone?: string;
  under?: (entry: TimelineEntry, index: number) => ReactNode;
};

export function TimelineList({ entries, at, pick, titleOf, label, zone, under }: Props) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    reveal(list.current?.querySelector<HTMLElement>(`[data-line="${at}"]`) ?? null);
  }, [at, entries.length]);
  const keys = (event: KeyboardEvent): void => {
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: entries.length - 1 }[event.key];
    if (to === undefined || (event.target as HTMLElement).closest("input, iframe, textarea")) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(entries.length - 1, to));
    pick(next);
    list.current?.querySelector<HTMLButtonElement>(`[data-line="${next}"] > button`)?.focus();
  };
  let day = "";
  return (
    <ol className="run-timeline" aria-label={label} ref={list} onKeyDown={keys}>
      {entries.map((entry, index) => {
        const today = when(entry.at, "day", zone);
        const fresh = today !== day;
        day = today;
        return (
          <li key={index} data-line={index} className={`k-${toneOf(entry)} ${index > at ? "later" : ""}`}>
            {fresh && <div className="run-timeline-day">{today}</div>}
            <TimelineButton entry={entry} here={index === at} pick={() => pick(index)} titleOf={titleOf} zone={zone} />
            {under?.(entry, index)}
          </li>
        );
      })}
    </ol>
  );
}

/** Scrolls the list only, not what is around it. */
function reveal(entry: HTMLElement | null): void {
  const box = entry?.closest<HTMLElement>("[data-scrolls]");
  if (!entry || !box) return;
  const [inner, outer] = [entry.getBoundingClientRect(), box.getBoundingClientRect()];
  const head = 24; // height of the day that stays on top
  if (inner.bottom > outer.bottom) box.scrollTop += Math.min(inner.bottom - outer.bottom, inner.top - outer.top - head);
  else if (inner.top < outer.top + head) box.scrollTop -= outer.top + head - inner.top;
}

type ButtonProps = { entry: TimelineEntry; here: boolean; pick: () => void; titleOf: (step: string) => string; zone?: string };

function TimelineButton({ entry, here, pick, titleOf, zone }: ButtonProps) {
  const Icon = iconOf(entry);
  const title = entry.kind === "entered" && entry.step ? titleOf(entry.step) : entry.kind === "event" ? entry.name : "";
  return (
    <button type="button" aria-current={here ? "step" : undefined} tabIndex={here ? 0 : -1} onClick={pick}>
      <Moment at={entry.at} zone={zone} form="time" />
      <span className="run-timeline-mark" aria-hidden>
        <Icon size={12} />
      </span>
      <span>
        {title && <strong>{title}</strong>}
        <span className="run-timeline-text">
          <Emphasised text={say(entry.text) || inLocale(entry.text)} />
        </span>
      </span>
    </button>
  );
}
