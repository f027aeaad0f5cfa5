/** Approval: asked for, given and refused in the panel that publishes. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, CircleX, Clock } from "lucide-react";
import { useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { saveNow, useDraft, useSync } from "@/document/draft";
import { journeyPath, may } from "@/page";
import { reasonOf } from "@/ui/feedback";
import { Moment } from "@/ui/moment";
import { useWords } from "@/words";
import "./teamwork.css";

export type Approval = Answer<"/api/journeys/{key}/approval", "get">;
const QUERY = ["approval"];
const AGAIN = 10_000;

/** How it stands with what the draft says now; undefined while that is not known. */
export function useApproval(): Approval | undefined {
  const document = useDraft((state) => state.document);
  return useQuery({
    queryKey: [...QUERY, document],
    queryFn: async ({ signal }) => (await call<Approval>("GET", journeyPath("/approval"), { signal })).data,
    placeholderData: (before) => before,
    refetchInterval: AGAIN,
    gcTime: 0,
  }).data;
}

/** Whether the draft may not be published yet. */
export const isHeldBack = (approval: Approval | undefined): boolean => approval !== undefined && approval.wanted && !approval.approved;

export function ApprovalSteps({ approval }: { approval: Approval }) {
  const words = useWords();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const { request } = approval;
  const waiting = request !== null && request.current && request.decision === null;
  const act = async (path: string, body: unknown): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await saveNow();
      await call<Approval>("POST", journeyPath(path), { body, ifMatch: useSync.getState().revision });
      setText("");
      await queries.invalidateQueries({ queryKey: QUERY });
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  const decides = waiting && request.may_decide;
  const field = words(decides ? "approval.reason" : "approval.note");
  return (
    <div className="t-approval">
      <Standing approval={approval} />
      {may("draw") && !approval.approved && (decides || !waiting) && (
        <>
          <textarea className="p-text" rows={2} maxLength={1000} value={text} aria-label={field} placeholder={field} onChange={(event) => setText(event.target.value)} />
          {problem !== null && (
            <p className="p-warn" role="alert">
              {reasonOf(problem, words("panel.no_answer"))}
            </p>
          )}
          <div className="p-row">
            {decides ? (
              <>
                <button type="button" className="button primary" disabled={busy} onClick={() => void act("/approval/decision", { approve: true, reason: text })}>
                  {words("approval.approve")}
                </button>
                <button type="button" className="button" disabled={busy} onClick={() => void act("/approval/decision", { approve: false, reason: text })}>
                  {words("approval.decline")}
                </button>
              </>
            ) : (
              <button type="button" className="button primary" disabled={busy} onClick={() => void act("/approval", { note: text })}>
                {words("approval.ask")}
              </button>
            )}
          </div>
        </>
      )}
    </div>
  );
}

function Standing({ approval }: { approval: Approval }) {
  const words = useWords();
  const { request } = approval;
  if (request === null || (!request.current && request.decision === null)) return <p className="p-note">{words(request ? "approval.changed" : "approval.wanted")}</p>;
  const told = !request.current ? "changed" : (request.decision ?? "waiting");
  const Icon = told === "approved" ? CircleCheck : told === "declined" ? CircleX : Clock;
  return (
    <div className="t-standing" role="status">
      <Icon aria-hidden size={16} className={told === "approved" ? "pub-good" : told === "declined" ? "pub-bad" : undefined} />
      <div>
        <strong>
          {told === "changed"
            ? words("approval.changed")
            : told === "waiting"
              ? words("approval.waiting", { name: request.requested_by })
              : words(told === "approved" ? "approval.approved" : "approval.declined", { name: request.decided_by ?? "" })}
        </strong>{" "}
        <span className="faint">
          <Moment at={request.decided_at ?? request.requested_at} />
        </span>
        {(request.reason || request.note) && <p className="p-note">{request.decision ? request.reason : request.note}</p>}
      </div>
    </div>
  );
}
