/** One customer's path as a timeline; the canvas lights it up to the chosen entry. */

import { ArrowLeft, FileDown, Footprints } from "lucide-react";
import { useEffect } from "react";
import { Emphasised } from "@/ui/emphasised";
import { Empty, Failed, Loading } from "@/ui/feedback";
import { stepTitle } from "@/document/titles";
import { TimelineList } from "@/timeline/list";
import { say, useWords } from "@/words";
import { leavePath, usePath, walkPath, walkTo } from "./path";
import { PathState } from "./path-time";

export function PathView() {
  const words = useWords();
  const { run, name, path, document, timeline, at, problem } = usePath();
  useKeys();
  return (
    <div className="p-body">
      <div className="p-section">
        <div className="p-row tight">
          <button type="button" className="p-button" onClick={leavePath} aria-label={words("live.path.leave")} title={words("live.path.leave")}>
            <ArrowLeft aria-hidden size={16} />
          </button>
          <strong className="p-grow p-cut">{words("live.path.of", { name })}</strong>
          {path && (
            <a className="p-button" href={`/api/runs/${path.run.id}/scenario`} download aria-label={words("time.scenario")} title={words("time.scenario")}>
              <FileDown aria-hidden size={16} />
            </a>
          )}
          {path && <span className="badge">{words("live.path.version", { version: path.run.version })}</span>}
        </div>
        {path?.run.step && path.run.status !== "finished" && document && (
          <p className="p-note">
            {words("live.path.waits")}: <strong>{stepTitle(document, path.run.step)}</strong>
            {path.run.text && (
              <>
                {" · "}
                <Emphasised text={say(path.run.text)} />
              </>
            )}
          </p>
        )}
        {path?.run.problem_text && <p className="l-trouble p-note">{say(path.run.problem_text)}</p>}
      </div>
      {problem !== null && run !== null && <Failed error={problem} retry={() => void walkPath(run, name)} />}
      {problem === null && !path && <Loading lines={10} />}
      {path && timeline.length === 0 && (
        <Empty icon={<Footprints aria-hidden size={24} />} title={words("live.path.none")}>
          <p>{words("live.path.none_line")}</p>
        </Empty>
      )}
      {path && timeline.length > 0 && document && (
        <>
          <PathState />
          <div className="p-scroll" data-scrolls>
            <TimelineList entries={timeline} at={at} pick={walkTo} titleOf={(id) => stepTitle(document, id)} label={words("live.path.of", { name })} />
          </div>
          <div className="p-foot p-note">{words("live.path.keys")}</div>
        </>
      )}
    </div>
  );
}

/** ← and → walk along the path, unless the focus is where they mean something else. */
function useKeys(): void {
  useEffect(() => {
    const keys = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement | null;
      if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
      if (target?.closest("input, textarea, select, [contenteditable], [role=menu], [role=dialog]")) return;
      const { at } = usePath.getState();
      if (event.key === "ArrowRight") walkTo(at + 1);
      else if (event.key === "ArrowLeft") walkTo(at - 1);
      else if (event.key === "Escape") leavePath();
      else return;
      event.preventDefault();
      event.stopPropagation();
    };
    window.addEventListener("keydown", keys, { capture: true });
    return () => window.removeEventListener("keydown", keys, { capture: true });
  }, []);
}
