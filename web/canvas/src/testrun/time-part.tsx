/** The time machine of the test run: its bar under the canvas, how things stood, and what a change has changed. */

import { GitBranch, X } from "lucide-react";
import { useMemo } from "react";
import { useDraft } from "@/document/draft";
import { stepTitle } from "@/document/titles";
import { compareLines, type LineDifference } from "@/timeline/difference";
import { walkedAt } from "@/timeline/entries";
import { StateAt } from "@/timeline/state-at";
import { TimeBar } from "@/timeline/time-bar";
import { when } from "@/ui/formats";
import { say, useWords } from "@/words";
import { forgetFormer, goOnFrom, showEntry, useTest } from "./store";

const NOTHING: LineDifference = { fresh: new Set(), gone: [] };

function useDifference(): LineDifference {
  const { branch, timeline, script } = useTest();
  const clock = script?.clock ?? null;
  return useMemo(() => (branch ? compareLines(branch.former, timeline, clock === null ? 0 : Date.parse(clock)) : NOTHING), [branch, timeline, clock]);
}

const useZone = (): string | undefined => useTest((state) => (state.script?.who.kind === "invented" ? state.script.who.customer.time_zone || undefined : undefined));

export default function TestTimeBar() {
  const words = useWords();
  const { timeline, at } = useTest();
  const zone = useZone();
  const document = useDraft((state) => state.document);
  const { fresh } = useDifference();
  const last = timeline.length - 1;
  const here = Math.min(at ?? last, last);
  const entry = timeline[here];
  if (!entry) return null;
  return (
    <TimeBar entries={timeline} at={here} pick={(index) => showEntry(index === last ? null : index)} titleOf={(id) => stepTitle(document, id)} zone={zone} fresh={fresh}>
      <button type="button" className="button small" title={words("time.go_on_line")} onClick={() => goOnFrom(entry)}>
        <GitBranch aria-hidden size={14} />
        {words("time.go_on")}
      </button>
    </TimeBar>
  );
}

/** How things stood at the chosen entry. */
export function StatePart() {
  const { timeline, at, answer } = useTest();
  const zone = useZone();
  const document = useDraft((state) => state.document);
  const here = Math.min(at ?? timeline.length - 1, timeline.length - 1);
  const entry = timeline[here];
  if (!entry || !answer) return null;
  const walked = walkedAt(timeline, here);
  const snapshot = walked ? (answer.runs[walked.run]?.transitions[walked.walked - 1]?.snapshot ?? null) : null;
  return <StateAt entry={entry} snapshot={snapshot} customers={answer.customers} titleOf={(id) => stepTitle(document, id)} zone={zone} />;
}

/** What is other than before the change. */
export function DifferencePart() {
  const words = useWords();
  const { branch, timeline } = useTest();
  const zone = useZone();
  const document = useDraft((state) => state.document);
  const { fresh, gone } = useDifference();
  if (!branch) return null;
  const early = [...fresh].some((index) => Date.parse(timeline[index]?.at ?? "") < Date.parse(branch.at));
  return (
    <section className="state-changes" aria-live="polite" aria-label={words("time.changes")}>
      <div className="p-row tight">
        <strong className="p-grow">{words("time.from", { at: when(branch.at, "short", zone) })}</strong>
        <button type="button" className="p-button" onClick={forgetFormer} aria-label={words("time.forget")} title={words("time.forget")}>
          <X aria-hidden size={14} />
        </button>
      </div>
      {fresh.size === 0 && gone.length === 0 ? <p className="p-note">{words("time.same")}</p> : <p className="p-note">{words("time.counts", { fresh: fresh.size, gone: gone.length })}</p>}
      {early && <p className="p-note">{words("time.early")}</p>}
      {gone.length > 0 && (
        <ul>
          {gone.slice(0, 12).map((entry, index) => (
            <li key={index} className="gone">
              <time>{when(entry.at, "short", zone)}</time>
              <span>
                {entry.step ? stepTitle(document, entry.step) : entry.name} {say(entry.text).replaceAll("*", "")}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
