/** A story as a list that one walks with the arrow keys; each line may carry something under it. */

import { Ban, Clock, CornerDownRight, Flag, Footprints, type LucideIcon, Send, Target, Zap } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { inLocale, say } from "@/words";
import { Moment, Phrase } from "./bits";
import { when } from "./figures";
import type { StoryLine } from "./story";
import "./story.css";

const ICONS: Record<StoryLine["kind"], LucideIcon> = {
  entered: Footprints,
  left: CornerDownRight,
  goal: Target,
  ended: Flag,
  send: Send,
  event: Zap,
};

function iconOf(line: StoryLine): LucideIcon {
  if (line.kind !== "send") return ICONS[line.kind];
  return line.send?.outcome === "held" ? Clock : line.send?.outcome === "sent" || line.send?.outcome === "claimed" ? Send : Ban;
}

const toneOf = (line: StoryLine): string => (line.kind === "send" && line.send?.outcome !== "sent" ? "quiet-send" : line.kind);

type Props = {
  story: readonly StoryLine[];
  at: number;
  pick: (index: number) => void;
  titleOf: (step: string) => string;
  label: string;
  zone?: string;
  under?: (line: StoryLine, index: number) => ReactNode;
};

export function StoryList({ story, at, pick, titleOf, label, zone, under }: Props) {
  const list = useRef<HTMLOListElement>(null);
  useEffect(() => {
    reveal(list.current?.querySelector<HTMLElement>(`[data-line="${at}"]`) ?? null);
  }, [at, story.length]);
  const keys = (event: KeyboardEvent): void => {
    const to = { ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: story.length - 1 }[event.key];
    if (to === undefined || (event.target as HTMLElement).closest("input, iframe, textarea")) return;
    event.preventDefault();
    const next = Math.max(0, Math.min(story.length - 1, to));
    pick(next);
    list.current?.querySelector<HTMLButtonElement>(`[data-line="${next}"] > button`)?.focus();
  };
  let day = "";
  return (
    <ol className="story" aria-label={label} ref={list} onKeyDown={keys}>
      {story.map((line, index) => {
        const today = when(line.at, "day", zone);
        const fresh = today !== day;
        day = today;
        return (
          <li key={index} data-line={index} className={`k-${toneOf(line)} ${index > at ? "later" : ""}`}>
            {fresh && <div className="story-day">{today}</div>}
            <StoryButton line={line} here={index === at} pick={() => pick(index)} titleOf={titleOf} zone={zone} />
            {under?.(line, index)}
          </li>
        );
      })}
    </ol>
  );
}

/** Scrolls the list alone: what stands around it stays where it is. */
function reveal(line: HTMLElement | null): void {
  const box = line?.closest<HTMLElement>("[data-scrolls]");
  if (!line || !box) return;
  const [inner, outer] = [line.getBoundingClientRect(), box.getBoundingClientRect()];
  const head = 24; // the day that stays on top
  if (inner.bottom > outer.bottom) box.scrollTop += Math.min(inner.bottom - outer.bottom, inner.top - outer.top - head);
  else if (inner.top < outer.top + head) box.scrollTop -= outer.top + head - inner.top;
}

type ButtonProps = { line: StoryLine; here: boolean; pick: () => void; titleOf: (step: string) => string; zone?: string };

function StoryButton({ line, here, pick, titleOf, zone }: ButtonProps) {
  const Icon = iconOf(line);
  const title = line.kind === "entered" && line.step ? titleOf(line.step) : line.kind === "event" ? line.name : "";
  return (
    <button type="button" aria-current={here ? "step" : undefined} tabIndex={here ? 0 : -1} onClick={pick}>
      <Moment at={line.at} zone={zone} form="time" />
      <span className="story-mark" aria-hidden>
        <Icon size={12} />
      </span>
      <span>
        {title && <strong>{title}</strong>}
        <span className="story-told">
          <Phrase text={say(line.text) || inLocale(line.text)} />
        </span>
      </span>
    </button>
  );
}
