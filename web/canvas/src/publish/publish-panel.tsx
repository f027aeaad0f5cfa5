/** What publishing will do, to confirm: problems, what changes, a forecast. Then the version is live. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useRef, useState } from "react";
import { ApiProblem, call } from "@/api/client";
import { showBeginning } from "@/board/arrange";
import { refreshJourney, saveNow, useDraft, useSync } from "@/document/draft";
import type { Problem } from "@/document/types";
import { Failed, Loading, reasonOf } from "@/ui/feedback";
import { stepTitle } from "@/document/titles";
import { journeyPath, may } from "@/page";
import { setMode } from "@/shell/modes";
import { useUi } from "@/ui/state";
import { inLocale, number, useWords } from "@/words";
import { Summary } from "@/versions/difference-view";
import { compare } from "@/versions/store";
import { ApprovalSteps, isHeldBack, useApproval } from "@/teamwork/approval";
import { Checks, Override } from "./checks";
import { Forecast } from "./forecast-part";
import { HoldButton } from "./hold-button";
import { askPreflight, type Check, stopsOf, underWay } from "./preflight";
import { type Sentence, verdictOf } from "./verdict";
import { errorsOf, nothingNew, type Published, type Review, warningsOf } from "./review";
import "./publish.css";

class Unsaved extends Error {}

async function review(signal: AbortSignal): Promise<Review> {
  await saveNow();
  const { save } = useSync.getState();
  if (save === "conflict" || save === "failed") throw new Unsaved();
  return (await call<Review>("GET", journeyPath("/review"), { signal })).data;
}

export function PublishPanel() {
  const words = useWords();
  const document = useDraft((state) => state.document);
  const [published, setPublished] = useState<Published | null>(null);
  const found = useQuery({ queryKey: ["review", document], queryFn: ({ signal }) => review(signal), retry: false, gcTime: 0 });
  if (published) return <Done published={published} />;
  if (found.isPending) {
    return (
      <div className="p-body">
        <p className="p-section p-note">{words("publish.counting")}</p>
        <Loading lines={8} />
      </div>
    );
  }
  if (found.isError) {
    const title = found.error instanceof Unsaved ? words("publish.unsaved") : undefined;
    return <Failed error={found.error} title={title} retry={() => void found.refetch()} />;
  }
  return <Confirm review={found.data} published={setPublished} />;
}

function Confirm({ review, published }: { review: Review; published: (published: Published) => void }) {
  const words = useWords();
  const errors = errorsOf(review.problems);
  const approval = useApproval();
  const document = useDraft((state) => state.document);
  const fresh = useRef(false);
  const checks = useQuery({
    queryKey: ["preflight", document],
    queryFn: ({ signal }) => {
      const all = fresh.current;
      fresh.current = false;
      return askPreflight(signal, all);
    },
    enabled: errors.length === 0,
    retry: false,
    gcTime: 0,
    refetchInterval: (query) => (underWay(query.state.data) ? 700 : false),
  });
  const again = (): void => {
    fresh.current = true;
    void checks.refetch();
  };
  return (
    <div className="p-body">
      <div className="p-scroll">
        <VerdictLine
          sentence={verdictOf({
            errors: errors.length,
            warnings: warningsOf(review.problems).length,
            upToDate: nothingNew(review),
            checks: checks.data,
            failed: checks.isError,
          })}
        />
        <Problems errors={errors} warnings={warningsOf(review.problems)} />
        {errors.length === 0 && <Checks found={checks} again={again} />}
        <WhatHappens review={review} />
        {errors.length === 0 && <Forecast />}
      </div>
      <div className="p-foot pub-foot">
        {errors.length > 0 ? (
          <button type="button" className="button primary" onClick={() => useUi.getState().set({ panel: "problems" })}>
            {words("test.show_problems")}
          </button>
        ) : nothingNew(review) ? null : (
          <>
            {approval?.wanted && <ApprovalSteps approval={approval} />}
            {!isHeldBack(approval) && <PublishForm published={published} stops={stopsOf(checks.data)} making={checks.isPending} refused={() => void checks.refetch()} />}
          </>
        )}
      </div>
    </div>
  );
}

const TONES = { good: [CircleCheck, "pub-good"], warn: [TriangleAlert, "pub-warn"], bad: [CircleAlert, "pub-bad"], none: [CircleCheck, ""] } as const;

/** The only place of the panel that says whether the draft can be published. */
function VerdictLine({ sentence }: { sentence: Sentence }) {
  const words = useWords();
  const [Icon, look] = TONES[sentence.tone];
  return (
    <p className="p-section p-row tight" role="status" data-verdict={sentence.key}>
      {sentence.tone !== "none" && <Icon aria-hidden size={16} className={look} />}
      <strong>{words(sentence.key, { count: sentence.count })}</strong>
    </p>
  );
}

function Problems({ errors, warnings }: { errors: Problem[]; warnings: Problem[] }) {
  const words = useWords();
  const document = useDraft((state) => state.document);
  if (errors.length + warnings.length === 0) return null;
  return (
    <section className="p-section">
      <h3>{words(errors.length ? "publish.to_mend" : "publish.to_consider", { count: number(errors.length || warnings.length) })}</h3>
      <ul className="pub-problems">
        {[...errors, ...warnings].slice(0, 8).map((problem, index) => (
          <li key={index}>
            {problem.severity === "error" ? <CircleAlert aria-hidden size={14} className="pub-bad" /> : <TriangleAlert aria-hidden size={14} className="pub-warn" />}
            {problem.step ? (
              <button type="button" onClick={() => showStep(problem.step)}>
                <strong>{stepTitle(document, problem.step)}</strong> {problem.message}
              </button>
            ) : (
              <span>{problem.message}</span>
            )}
          </li>
        ))}
      </ul>
      {errors.length + warnings.length > 8 && (
        <button type="button" className="p-button accent" onClick={() => useUi.getState().set({ panel: "problems" })}>
          {words("publish.all_problems", { count: number(errors.length + warnings.length) })}
        </button>
      )}
    </section>
  );
}

function showStep(step: string | null): void {
  if (!step) return;
  useUi.getState().select([step]);
  useUi.getState().set({ focus: step, panel: null });
}

function WhatHappens({ review }: { review: Review }) {
  const words = useWords();
  const version = useSync((state) => state.current?.version ?? null);
  const { difference } = review;
  return (
    <section className="p-section">
      <h3>{words("publish.what")}</h3>
      <ul className="pub-effects">
        <li>{words("publish.at_once", { version: (version ?? 0) + 1 })}</li>
        {version !== null && review.in_journey_now > 0 && (
          <li>{words("publish.stay", { count: review.in_journey_now, version })}</li>
        )}
        <li>{words("publish.immutable")}</li>
      </ul>
      {difference && (
        <>
          <h3 className="p-h pub-against">{words("publish.against", { version: version ?? "" })}</h3>
          <Summary difference={difference} />
          {version !== null && (
            <button
              type="button"
              className="p-button accent"
              onClick={() => {
                useUi.getState().set({ panel: "versions" });
                void compare(version, "draft");
              }}
            >
              {words("publish.see")}
            </button>
          )}
        </>
      )}
    </section>
  );
}

type PublishFormProps = {
  published: (published: Published) => void;
  /** Checks that have to be overridden by name. */
  stops: Check[];
  making: boolean;
  refused: () => void;
};

function PublishForm({ published, stops, making, refused }: PublishFormProps) {
  const words = useWords();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const [override, setOverride] = useState(false);
  const name = useDraft((state) => inLocale(state.document.name, state.document.key));
  const publish = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await saveNow();
      const { revision } = useSync.getState();
      const body = { override: stops.length > 0 && override };
      const { data } = await call<Published>("POST", journeyPath("/publish"), { ifMatch: revision, body });
      await refreshJourney().catch(() => undefined); // it is live, even if the page could not be refreshed
      void queries.invalidateQueries({ queryKey: ["versions"] });
      published(data);
    } catch (error) {
      setProblem(error);
      setBusy(false);
      if (error instanceof ApiProblem && error.code === "checks_stop") refused(); // a link has failed meanwhile
    }
  };
  if (!may("draw")) return <p className="p-note">{words("publish.not_allowed")}</p>;
  const changed = problem instanceof ApiProblem && problem.status === 412;
  return (
    <>
      {problem !== null && (
        <p className="p-warn" role="alert">
          <TriangleAlert aria-hidden size={14} />
          {changed ? words("publish.changed") : reasonOf(problem, words("panel.no_answer"))}
        </p>
      )}
      {stops.length > 0 && <Override stops={stops} chosen={override} choose={setOverride} />}
      {making && <p className="p-note">{words("checks.making")}</p>}
      <HoldButton hint={words("publish.hold_hint")} disabled={busy || making || (stops.length > 0 && !override)} done={() => void publish()}>
        {busy ? words("publish.busy") : words("publish.hold", { name })}
      </HoldButton>
    </>
  );
}

/** Shows the live mode from the entry on. */
function watch(): void {
  setMode("live");
  setTimeout(showBeginning, 300); // once the palette and this panel are closed
}

function Done({ published }: { published: Published }) {
  const words = useWords();
  return (
    <div className="p-empty" role="status">
      <CircleCheck aria-hidden size={28} className="pub-good" />
      <strong>{words("publish.done", { version: published.version })}</strong>
      <p>{words("publish.done_line")}</p>
      <button type="button" className="button primary" onClick={watch}>
        {words("publish.watch")}
      </button>
    </div>
  );
}
