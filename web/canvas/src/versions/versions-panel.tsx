/** All versions of the journey: to view, to compare, to restore as the draft. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Eye, GitCompareArrows, History, RotateCcw } from "lucide-react";
import { useEffect, useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { saveNow, useDraft, useSync } from "@/document/draft";
import type { Draft } from "@/document/types";
import { Empty, Failed, Loading, reasonOf } from "@/ui/feedback";
import { Moment } from "@/ui/moment";
import { journeyPath, may } from "@/page";
import { showDraft } from "@/board/show-document";
import { number, useWords } from "@/words";
import { DifferenceView } from "./difference-view";
import { backToDraft, compare, openVersion, useVersions, type Version } from "./store";
import "./versions.css";

export function useVersionList() {
  const version = useSync((state) => state.current?.version ?? null); // another one: something was published
  return useQuery({
    queryKey: ["versions", version],
    queryFn: async ({ signal }) => (await call<Answer<"/api/journeys/{key}/versions", "get">>("GET", journeyPath("/versions"), { signal })).data.items,
    placeholderData: (before) => before,
  });
}

export function VersionsPanel() {
  const list = useVersionList();
  const { shown, problem, busy } = useVersions();
  useEffect(() => () => void backToDraft(), []);
  if (list.isPending) return <Loading lines={6} />;
  if (list.isError) return <Failed error={list.error} retry={() => void list.refetch()} />;
  return (
    <div className="p-body" aria-busy={busy}>
      {problem !== null && <Failed error={problem} />}
      {shown?.kind === "difference" ? <DifferenceView shown={shown} versions={list.data} /> : <VersionHistory versions={list.data} />}
    </div>
  );
}

function VersionHistory({ versions }: { versions: Version[] }) {
  const words = useWords();
  if (versions.length === 0) {
    return (
      <Empty icon={<History aria-hidden size={24} />} title={words("versions.none")}>
        <p>{words("versions.none_line")}</p>
      </Empty>
    );
  }
  return (
    <div className="p-scroll">
      <DraftRow versions={versions} />
      <ul className="p-list" aria-label={words("versions.title")}>
        {versions.map((version) => (
          <VersionRow key={version.version} version={version} />
        ))}
      </ul>
    </div>
  );
}

function DraftRow({ versions }: { versions: Version[] }) {
  const words = useWords();
  const journey = useSync((state) => state.current);
  const looking = useVersions((state) => state.shown !== null);
  const live = versions.find((version) => version.live);
  return (
    <div className="v-row">
      <div className="p-row">
        <strong>{words("versions.draft")}</strong>
        <span className="badge">{words(journey?.has_changes ? "versions.unpublished" : "versions.as_live")}</span>
      </div>
      {journey?.edited_at && (
        <span className="faint">
          <Moment at={journey.edited_at} />
          {journey.edited_by && ` · ${journey.edited_by}`}
        </span>
      )}
      <div className="p-row v-do">
        {looking && (
          <button type="button" className="p-button accent" onClick={backToDraft}>
            {words("versions.back")}
          </button>
        )}
        {live && journey?.has_changes !== false && (
          <button type="button" className="p-button" onClick={() => void compare(live.version, "draft")}>
            <GitCompareArrows aria-hidden size={14} />
            {words("versions.compare_live")}
          </button>
        )}
      </div>
    </div>
  );
}

function VersionRow({ version }: { version: Version }) {
  const words = useWords();
  const [asking, setAsking] = useState(false);
  const key = useDraft((state) => state.document.key);
  const here = useVersions((state) => state.shown?.kind === "version" && state.shown.version === version.version);
  return (
    <li className="v-row" aria-current={here || undefined}>
      <div className="p-row">
        <strong>{words("versions.version", { version: version.version })}</strong>
        {version.live && (
          <span className="badge live">
            <i className="dot" aria-hidden />
            {words("versions.live")}
          </span>
        )}
        {version.under_way > 0 && (
          <a className="badge" href={`/journeys/${encodeURIComponent(key)}/moves`} title={words("versions.where")}>
            {words("versions.under_way", { count: number(version.under_way) })}
          </a>
        )}
      </div>
      <span className="faint">
        <Moment at={version.published_at} />
        {version.published_by && ` · ${version.published_by}`}
        {version.approved_by && ` · ${words("versions.approved_by", { name: version.approved_by })}`}
      </span>
      {asking ? (
        <Restore version={version.version} done={() => setAsking(false)} />
      ) : (
        <div className="p-row v-do">
          <button type="button" className="p-button" aria-pressed={here} onClick={() => (here ? backToDraft() : void openVersion(version.version))}>
            <Eye aria-hidden size={14} />
            {words(here ? "versions.opened" : "versions.open")}
          </button>
          <button type="button" className="p-button" title={words("versions.compare_what")} onClick={() => void compare(version.version, "draft")}>
            <GitCompareArrows aria-hidden size={14} />
            {words("versions.compare")}
          </button>
          {may("draw") && (
            <button type="button" className="p-button" onClick={() => setAsking(true)}>
              <RotateCcw aria-hidden size={14} />
              {words("versions.restore")}
            </button>
          )}
        </div>
      )}
    </li>
  );
}

/** Makes a version the draft; undo brings the reader's own back. */
function Restore({ version, done }: { version: number; done: () => void }) {
  const words = useWords();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const restore = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await saveNow();
      const { revision } = useSync.getState();
      const { data, etag } = await call<Draft>("POST", journeyPath(`/versions/${version}/restore`), { ifMatch: revision });
      backToDraft();
      await showDraft(data, etag);
      void queries.invalidateQueries({ queryKey: ["versions"] });
      done();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  return (
    <div className="v-ask" role="group" aria-label={words("versions.restore")}>
      <p>{words("versions.restore_line", { version })}</p>
      {problem !== null && <p className="l-trouble">{reasonOf(problem, words("panel.no_answer"))}</p>}
      <div className="p-row">
        <button type="button" className="button small primary" disabled={busy} onClick={() => void restore()}>
          {words("versions.restore_do", { version })}
        </button>
        <button type="button" className="button small" disabled={busy} onClick={done}>
          {words("panel.cancel")}
        </button>
      </div>
    </div>
  );
}
