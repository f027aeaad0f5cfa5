/** The time machine of one customer's real run: its bar under the canvas, and how things stood at the chosen entry. */

import { ChevronRight, FlaskConical } from "lucide-react";
import { stepTitle } from "@/document/titles";
import { may } from "@/page";
import { walkedAt } from "@/timeline/entries";
import { StateAt } from "@/timeline/state-at";
import { TimeBar } from "@/timeline/time-bar";
import { say, useWords } from "@/words";
import { tryWithDraft, usePath, walkTo } from "./path";

export default function PathTimeBar() {
  const words = useWords();
  const { timeline, at, document } = usePath();
  if (!document || timeline.length === 0) return null;
  return (
    <TimeBar entries={timeline} at={at} pick={walkTo} titleOf={(id) => stepTitle(document, id)}>
      {may("draw") && (
        <button type="button" className="button small" title={words("time.draft_line")} onClick={() => void tryWithDraft()}>
          <FlaskConical aria-hidden size={14} />
          {words("time.draft")}
        </button>
      )}
    </TimeBar>
  );
}

export function PathState() {
  const words = useWords();
  const { timeline, at, document, path, then } = usePath();
  const entry = timeline[at];
  if (!entry || !document || !path) return null;
  const walked = walkedAt(timeline, at)?.walked ?? 0;
  const seq = path.transitions[walked - 1]?.seq;
  const snapshot = then?.snapshots.find((one) => one.seq === seq) ?? null;
  return (
    <details className="state-fold l-state" open>
      <summary>
        <ChevronRight aria-hidden size={14} />
        <span>{words("time.state")}</span>
      </summary>
      <StateAt entry={entry} snapshot={snapshot} customers={then?.customers ?? []} titleOf={(id) => stepTitle(document, id)} />
      {then?.differs && snapshot === null && (
        <p className="p-note l-differs">
          {words("time.not_known")} {[then.differs, ...then.reasons].map(say).join(" ")}
        </p>
      )}
    </details>
  );
}
