/** A chosen file: read by the server, its problems shown, and only then made the draft. Undo brings the old one back. */

import { useEffect, useState } from "react";
import { ApiProblem } from "@/api/client";
import { useDraft } from "@/document/draft";
import { ENTRY } from "@/document/types";
import { Failed, Loading } from "@/ui/feedback";
import { withPositions } from "@/board/show-document";
import { NOTHING, useUi } from "@/ui/state";
import { number, useWords } from "@/words";
import { type Read, readFile } from "./read-file";

export function Importing({ file, done }: { file: File; done: () => void }) {
  const words = useWords();
  const [read, setRead] = useState<Read | null>(null);
  const [problem, setProblem] = useState<unknown>(null);
  const steps = useDraft((state) => state.document.steps.length);
  const key = useDraft((state) => state.document.key);
  useEffect(() => {
    const asking = new AbortController();
    setRead(null);
    setProblem(null);
    readFile(file, key, asking.signal).then(setRead, (error: unknown) => {
      if (!asking.signal.aborted) setProblem(error);
    });
    return () => asking.abort();
  }, [file, key]);

  const take = async (): Promise<void> => {
    if (!read) return;
    const placed = await withPositions(read.document);
    useDraft.getState().edit(() => placed);
    useUi.getState().set({ focus: ENTRY, selection: NOTHING });
    done();
  };
  if (problem !== null) {
    return (
      <div className="p-section yaml-import">
        <Failed error={problem} title={words("yaml.refused", { name: file.name })} />
        {problem instanceof ApiProblem && problem.field && <p className="p-note">{problem.field}</p>}
        <button type="button" className="button small" onClick={done}>
          {words("panel.close")}
        </button>
      </div>
    );
  }
  if (!read) {
    return (
      <div className="p-section yaml-import">
        <p className="p-note">{words("yaml.reading", { name: file.name })}</p>
        <Loading lines={2} />
      </div>
    );
  }
  return (
    <div className="p-section yaml-import" role="group" aria-label={words("yaml.replace", { name: file.name })}>
      <strong>{words("yaml.replace", { name: file.name })}</strong>
      <p className="p-note">
        {words("yaml.steps", { count: steps, after: number(read.document.steps.length) })} {words("yaml.undoable")}
      </p>
      <p className="p-note">{read.problems.length === 0 ? words("yaml.clean") : words("yaml.problems", { count: read.problems.length })}</p>
      {read.problems.length > 0 && (
        <ul tabIndex={0} aria-label={words("yaml.problems", { count: read.problems.length })}>
          {read.problems.slice(0, 50).map((one, index) => (
            <li key={index}>{one.message}</li>
          ))}
        </ul>
      )}
      <div className="p-row">
        <button type="button" className="button small primary" onClick={() => void take()}>
          {words("yaml.do")}
        </button>
        <button type="button" className="button small" onClick={done}>
          {words("panel.cancel")}
        </button>
      </div>
    </div>
  );
}
