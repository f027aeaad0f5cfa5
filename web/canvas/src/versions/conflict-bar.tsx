/** Somebody else saved this draft meanwhile: who and when. Nothing is lost until the reader decides. */

import { axisOf } from "@/document/axis";
import { GitCompareArrows, UsersRound } from "lucide-react";
import { useEffect, useState } from "react";
import { call } from "@/api/client";
import { keepMine, useDraft, useSync } from "@/document/draft";
import type { Draft, JourneyDocument } from "@/document/types";
import { reasonOf } from "@/ui/feedback";
import { when } from "@/ui/formats";
import { journeyPath } from "@/page";
import { showDraft } from "@/board/show-document";
import { useUi } from "@/ui/state";
import { inLocale, useWords } from "@/words";
import { sizeIn } from "@/board/flow";
import { journeyDiffers, marksOf, overlaid, roughDifference } from "./compare";
import { Sign } from "./difference-view";
import "./conflict-bar.css";

export function ConflictBar() {
  const conflict = useSync((state) => state.save === "conflict");
  const theirs = useSync((state) => state.theirs);
  useEffect(() => {
    if (conflict && !theirs) void load();
  }, [conflict, theirs]);
  return conflict ? <Bar theirs={theirs} /> : null;
}

/** Fetches what the other person saved, where the refusal did not contain it. */
async function load(): Promise<void> {
  const { data } = await call<Draft>("GET", journeyPath()).catch(() => ({ data: null }));
  if (data && useSync.getState().save === "conflict") useSync.setState({ theirs: data });
}

const documentOf = (draft: Draft): JourneyDocument => {
  const found = draft.draft as Partial<JourneyDocument>;
  return { ...found, key: draft.key, name: found.name ?? {}, entry: found.entry ?? { triggers: [] }, steps: found.steps ?? [], edges: found.edges ?? [] };
};

function Bar({ theirs }: { theirs: Draft | null }) {
  const words = useWords();
  const mine = useDraft((state) => state.document);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const comparing = useUi((state) => state.mode === "compare");
  useEffect(() => stopComparing, []);
  const doing = (work: () => Promise<void>) => async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    stopComparing();
    await work().catch(setProblem);
    setBusy(false);
  };
  const off = busy || theirs === null;
  return (
    <div className="conflict" role="alert" aria-label={words("conflict.title")}>
      <UsersRound aria-hidden size={16} />
      <div className="p-grow">
        <strong>{theirs?.edited_by ? words("conflict.who", { who: theirs.edited_by, at: when(theirs.edited_at ?? "") }) : words("conflict.title")}</strong>
        <p>{words("conflict.line")}</p>
        {problem !== null && <p className="l-trouble">{reasonOf(problem, words("panel.no_answer"))}</p>}
        {comparing && theirs && <Differences theirs={documentOf(theirs)} mine={mine} />}
      </div>
      <div className="p-row">
        <button type="button" className="button small" disabled={off} aria-pressed={comparing} onClick={() => (comparing ? stopComparing() : theirs && startComparing(documentOf(theirs), mine))}>
          <GitCompareArrows aria-hidden size={14} />
          {words(comparing ? "conflict.stop" : "conflict.compare")}
        </button>
        <button type="button" className="button small" disabled={off} onClick={doing(async () => void (theirs && (await showDraft(theirs))))}>
          {words("conflict.theirs")}
        </button>
        <button type="button" className="button small" disabled={off} onClick={doing(keepMine)}>
          {words("conflict.mine")}
        </button>
        <button type="button" className="button small" disabled={off} onClick={doing(() => copyOfMine(mine, theirs, words("conflict.copy_of", { name: inLocale(mine.name, mine.key) })))}>
          {words("conflict.copy")}
        </button>
      </div>
    </div>
  );
}

/** Compares theirs (as the older) with mine: steps that mine does not have are ghosts. */
function startComparing(theirs: JourneyDocument, mine: JourneyDocument): void {
  useUi.getState().set({ mode: "compare", panel: null, shown: overlaid(theirs, mine, sizeIn(theirs, axisOf(mine))), ...marksOf(roughDifference(theirs, mine)) });
}

function stopComparing(): void {
  const ui = useUi.getState();
  if (ui.mode === "compare") ui.set({ mode: "draw", shown: null, marks: {}, litEdges: {} });
}

function Differences({ theirs, mine }: { theirs: JourneyDocument; mine: JourneyDocument }) {
  const words = useWords();
  const { summary, edges } = roughDifference(theirs, mine);
  const counts = [
    ["added", summary.added, "conflict.only_mine"],
    ["removed", summary.removed, "conflict.only_theirs"],
    ["changed", summary.changed, "conflict.different"],
  ] as const;
  return (
    <p className="p-row">
      {counts.map(([change, count, key]) =>
        count > 0 ? (
          <span key={change} className="p-row">
            <Sign change={change} /> {words(key, { count })}
          </span>
        ) : null,
      )}
      {edges.length > 0 && <span>{words("conflict.lines", { count: edges.length })}</span>}
      {journeyDiffers(theirs, mine) && <span>{words("conflict.settings")}</span>}
    </p>
  );
}

/** Saves mine as a journey of its own, and shows theirs here. */
async function copyOfMine(mine: JourneyDocument, theirs: Draft | null, name: string): Promise<void> {
  const { key: _, ...document } = mine;
  const { data } = await call<Draft>("POST", "/api/journeys", { body: { name, document } });
  if (theirs) await showDraft(theirs);
  window.open(`/journeys/${encodeURIComponent(data.key)}`, "_blank", "noopener");
}
