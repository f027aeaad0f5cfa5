/** The checks before a draft goes live: a verdict each, which unfolds to figures and findings; a finding leads to its step. */

import type { UseQueryResult } from "@tanstack/react-query";
import { ChevronRight, CircleCheck, OctagonAlert, RotateCw, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useDraft } from "@/document/draft";
import { Failed, Loading } from "@/ui/feedback";
import { plain, stepTitle } from "@/document/titles";
import { useUi } from "@/ui/state";
import { number, say, useWords } from "@/words";
import type { Check, Finding, Preflight, Verdict } from "./preflight";
import "./checks.css";

function VerdictIcon({ verdict }: { verdict: Verdict }) {
  if (verdict === "stop") return <OctagonAlert aria-hidden size={16} className="pub-bad" />;
  if (verdict === "look") return <TriangleAlert aria-hidden size={16} className="pub-warn" />;
  return <CircleCheck aria-hidden size={16} className="pub-good" />;
}

export function Checks({ found, again }: { found: UseQueryResult<Preflight>; again: () => void }) {
  const words = useWords();
  return (
    <section className="p-section checks" aria-busy={found.isPending}>
      <div className="checks-head">
        <h3>{words("checks.title")}</h3>
        <button type="button" className="p-button" onClick={again} disabled={found.isFetching}>
          <RotateCw aria-hidden size={12} />
          {words("checks.again")}
        </button>
      </div>
      {found.isPending ? (
        <>
          <p className="p-note">{words("checks.making")}</p>
          <Loading lines={6} />
        </>
      ) : found.isError ? (
        <Failed error={found.error} title={words("checks.failed")} retry={again} />
      ) : (
        <ul className="checks-list">
          {found.data.checks.map((check) => (
            <Row key={check.check} check={check} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Row({ check }: { check: Check }) {
  const words = useWords();
  const [open, setOpen] = useState(check.verdict === "stop");
  const { progress } = check;
  const id = `check-${check.check}`;
  return (
    <li className={`check v-${check.verdict}`} data-check={check.check} data-verdict={check.verdict}>
      <button type="button" className="check-row" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <ChevronRight aria-hidden size={14} className={open ? "check-turned" : ""} />
        <VerdictIcon verdict={check.verdict} />
        <span className="check-title">
          <strong>{say(check.title)}</strong>
          <span className={`check-verdict v-${check.verdict}`}>{say(check.verdict_title)}</span>
        </span>
        <span className="check-summary">{say(check.summary)}</span>
        {progress && (
          <span className="check-progress" role="status">
            {words("checks.calling", { done: number(progress.done), of: number(progress.of) })}
          </span>
        )}
      </button>
      {open && (
        <div className="check-details" id={id}>
          {check.figures.length > 0 && (
            <dl className="check-figures">
              {check.figures.map((figure, n) => (
                <div key={n}>
                  <dt>{say(figure.label)}</dt>
                  <dd>{plain(say(figure.value))}</dd>
                </div>
              ))}
            </dl>
          )}
          {check.findings.length > 0 && (
            <ul className="check-findings">
              {check.findings.map((finding, n) => (
                <Found key={n} finding={finding} />
              ))}
            </ul>
          )}
          {check.more_findings > 0 && <p className="p-note">{words("checks.more", { count: number(check.more_findings) })}</p>}
        </div>
      )}
    </li>
  );
}

function Found({ finding }: { finding: Finding }) {
  const document = useDraft((state) => state.document);
  const text = <span>{plain(say(finding.text))}</span>;
  const { step } = finding;
  const lead = (): void => {
    if (!step) return;
    useUi.getState().select([step]);
    useUi.getState().set({ focus: step, panel: null });
  };
  return (
    <li data-code={finding.code}>
      <VerdictIcon verdict={finding.verdict} />
      {step ? (
        <button type="button" onClick={lead}>
          <strong>{stepTitle(document, step)}</strong> {text}
        </button>
      ) : (
        text
      )}
    </li>
  );
}

/** Publishing although a check says stop has to be confirmed here; the version records it. */
export function Override({ stops, chosen, choose }: { stops: Check[]; chosen: boolean; choose: (chosen: boolean) => void }) {
  const words = useWords();
  return (
    <label className="checks-override">
      <input type="checkbox" checked={chosen} onChange={(event) => choose(event.target.checked)} />
      <span>
        <strong>{words("checks.override", { checks: stops.map((one) => say(one.title)).join(", ") })}</strong> {words("checks.override_line")}
      </span>
    </label>
  );
}
