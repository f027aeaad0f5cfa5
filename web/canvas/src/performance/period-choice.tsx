/** Which days are counted, and whether the cards tell of them. */

import { useWords } from "@/words";
import { PERIODS } from "./rates";
import { choosePeriod, explain, showResults, useResults } from "./store";
import "@/ui/panels.css";
import "./performance.css";

export function PeriodChoice() {
  const words = useWords();
  const period = useResults((state) => state.period);
  return (
    <div className="p-tabs" role="group" aria-label={words("performance.period")}>
      {PERIODS.map((one) => (
        <button key={one} type="button" aria-pressed={period === one} onClick={() => choosePeriod(one)}>
          {words(`performance.period.${one}`)}
        </button>
      ))}
    </div>
  );
}

/** In the strip over the canvas: who is where, or what became of the messages. */
export function FiguresChoice() {
  const words = useWords();
  const on = useResults((state) => state.on);
  return (
    <div className="r-choice">
      <div className="p-tabs" role="group" aria-label={words("performance.cards")}>
        <button type="button" aria-pressed={!on} onClick={() => showResults(false)}>
          {words("performance.customers")}
        </button>
        <button type="button" aria-pressed={on} onClick={() => showResults(true)}>
          {words("performance.results")}
        </button>
      </div>
      {on && <PeriodChoice />}
      {on && (
        <button type="button" className="p-button accent" onClick={() => explain(null)}>
          {words("performance.all")}
        </button>
      )}
    </div>
  );
}
