/** The clock of the test run: an hour on, a day on, to the next thing that happens, or back. */

import { Pause, Play, RotateCcw, SkipForward } from "lucide-react";
import { useEffect } from "react";
import { when } from "@/ui/formats";
import { useWords } from "@/words";
import { DAY, HOUR, moveClock, type Script } from "./script";
import { rewrite, startOver, useTest } from "./store";

const BEAT = 1_300;

export function ClockPart({ script, zone }: { script: Script; zone: string | undefined }) {
  const words = useWords();
  const { answer, busy, playing } = useTest();
  useAutoplay();
  const clock = script.clock;
  const advance = (by: number): void => rewrite((now) => (now.clock === null ? now : moveClock(now, Date.parse(now.clock) + by)));
  const next = answer?.next_at ?? null;
  return (
    <section className="p-section t-clock" aria-label={words("test.clock")}>
      <div className="p-row tight">
        <strong className="t-now" aria-live="polite">
          {clock ? when(clock, "short", zone) : "–"}
        </strong>
        <span className={`t-busy ${busy ? "on" : ""}`} aria-hidden />
        <button type="button" className="p-button end" onClick={startOver}>
          <RotateCcw aria-hidden size={14} />
          {words("test.again")}
        </button>
      </div>
      <Scrubber script={script} zone={zone} />
      <div className="p-row">
        <button type="button" className="button small" disabled={clock === null} onClick={() => advance(HOUR)}>
          {words("test.hour")}
        </button>
        <button type="button" className="button small" disabled={clock === null} onClick={() => advance(DAY)}>
          {words("test.day")}
        </button>
        <button
          type="button"
          className="button small"
          disabled={next === null}
          title={next ? when(next, "full", zone) : words("test.nothing_ahead")}
          onClick={() => next && rewrite((now) => moveClock(now, next))}
        >
          <SkipForward aria-hidden size={14} />
          {words("test.next")}
        </button>
        <button
          type="button"
          className="button small"
          aria-pressed={playing}
          disabled={next === null && !playing}
          onClick={() => useTest.setState({ playing: !playing, at: null })}
        >
          {playing ? <Pause aria-hidden size={14} /> : <Play aria-hidden size={14} />}
          {words(playing ? "test.pause" : "test.autoplay")}
        </button>
      </div>
    </section>
  );
}

function Scrubber({ script, zone }: { script: Script; zone: string | undefined }) {
  const words = useWords();
  const instants = useTest((state) => state.instants);
  const start = Date.parse(script.start ?? "");
  const far = Date.parse(script.far ?? "");
  const span = far - start;
  const none = !(span > 0);
  return (
    <div className="t-scrub">
      <div className="t-ticks" aria-hidden>
        {!none &&
          [...new Set(instants)].slice(0, 300).map((at) => {
            const part = (Date.parse(at) - start) / span;
            return part >= 0 && part <= 1 ? <i key={at} style={{ left: `${part * 100}%` }} /> : null;
          })}
      </div>
      <input
        type="range"
        min={0}
        max={none ? 1 : span}
        step={Math.max(1, Math.min(60_000, span / 500))}
        value={none ? 0 : Date.parse(script.clock ?? "") - start}
        disabled={none}
        aria-label={words("test.scrub")}
        aria-valuetext={script.clock ? when(script.clock, "short", zone) : undefined}
        onChange={(event) => {
          const to = Number(event.target.value);
          // The last step of the slider may fall a little short of the end.
          const step = Number(event.target.step);
          rewrite((now) => moveClock(now, span - to < step ? far : start + to));
        }}
      />
    </div>
  );
}

/** Plays from one thing that happens to the next, as long as there is one. */
function useAutoplay(): void {
  const { playing, busy, answer } = useTest();
  useEffect(() => {
    if (!playing || busy) return undefined;
    const next = answer?.next_at;
    if (!next || answer.stopped) {
      useTest.setState({ playing: false });
      return undefined;
    }
    const timer = setTimeout(() => rewrite((script) => moveClock(script, next)), BEAT);
    return () => clearTimeout(timer);
  }, [playing, busy, answer]);
}
