/** What was said over the journey, by step; answered, settled and opened again here. */

import { Check, CornerDownRight, MessageSquare, RotateCcw, Trash2 } from "lucide-react";
import { useEffect, useState } from "react";
import { useDraft } from "@/document/draft";
import { stepTitle, titleOf } from "@/document/titles";
import type { JourneyDocument } from "@/document/types";
import { Empty, Failed, Loading } from "@/ui/feedback";
import { Moment } from "@/ui/moment";
import { useUi } from "@/ui/state";
import { number, useWords } from "@/words";
import { CommentForm } from "./comment-form";
import { type Comment, markRead, type Thread, useAbout, useSaying, useThreads } from "./comments";
import { parts } from "./mention";
import "./teamwork.css";

const useShownDocument = (): JourneyDocument => {
  const shown = useUi((state) => state.shown);
  const draft = useDraft((state) => state.document);
  return shown ?? draft;
};

export function CommentsPanel() {
  const words = useWords();
  const { about, settled } = useAbout();
  const found = useThreads((threads) => threads);
  const document = useShownDocument();
  const { say } = useSaying();
  useEffect(() => void markRead(), []);
  const here = (found.data ?? []).filter((one) => about === null || one.step === about);
  const shown = here.filter((one) => (one.resolved_at !== null) === settled);
  const count = (closed: boolean): number => here.filter((one) => (one.resolved_at !== null) === closed).length;
  const place = about ? words("comments.at", { step: stepTitle(document, about) }) : words("comments.journey");
  return (
    <div className="p-body">
      <div className="l-filter">
        <select aria-label={words("comments.where")} value={about ?? ""} onChange={(event) => useAbout.setState({ about: event.target.value || null })}>
          <option value="">{words("comments.everywhere")}</option>
          {document.steps.map((step) => (
            <option key={step.id} value={step.id}>
              {titleOf(step)}
            </option>
          ))}
        </select>
        <div className="p-tabs" role="group" aria-label={words("comments.which")}>
          {[false, true].map((closed) => (
            <button key={String(closed)} type="button" aria-pressed={settled === closed} onClick={() => useAbout.setState({ settled: closed })}>
              {words(closed ? "comments.settled" : "comments.unsettled")} {number(count(closed))}
            </button>
          ))}
        </div>
      </div>
      <div className="p-scroll">
        {found.isPending ? (
          <Loading lines={6} />
        ) : found.isError ? (
          <Failed error={found.error} retry={() => void found.refetch()} />
        ) : shown.length === 0 ? (
          <Empty icon={<MessageSquare aria-hidden size={24} />} title={words(settled ? "comments.none_settled" : "comments.none")}>
            <p>{words("comments.none_line")}</p>
          </Empty>
        ) : (
          <ul className="p-list" aria-label={words("comments.title")}>
            {shown.map((thread) => (
              <ThreadRow key={thread.first.id} thread={thread} document={document} showsPlace={about === null} />
            ))}
          </ul>
        )}
      </div>
      {!settled && (
        <div className="p-foot t-new">
          <CommentForm label={place} button={words("comments.say")} say={(body, mentions) => say(body, mentions, { step: about ?? "" })} />
        </div>
      )}
    </div>
  );
}

function ThreadRow({ thread, document, showsPlace }: { thread: Thread; document: JourneyDocument; showsPlace: boolean }) {
  const words = useWords();
  const { say, settle } = useSaying();
  const [answering, setAnswering] = useState(false);
  const known = document.steps.some((step) => step.id === thread.step);
  return (
    <li className="t-thread">
      {showsPlace && thread.step !== "" && (
        <button type="button" className="t-place" disabled={!known} onClick={() => useUi.getState().set({ focus: thread.step })}>
          {known ? stepTitle(document, thread.step) : words("comments.step_gone")}
        </button>
      )}
      <Said comment={thread.first} />
      {thread.answers.map((answer) => (
        <div key={answer.id} className="t-answer">
          <CornerDownRight aria-hidden size={13} />
          <Said comment={answer} />
        </div>
      ))}
      {thread.resolved_by && <p className="faint t-settled">{words("comments.settled_by", { name: thread.resolved_by })}</p>}
      {answering ? (
        <CommentForm
          label={words("comments.answer_to", { name: thread.first.author })}
          button={words("comments.answer")}
          cancel={() => setAnswering(false)}
          say={async (body, mentions) => {
            await say(body, mentions, { thread: thread.first.id });
            setAnswering(false);
          }}
        />
      ) : (
        <div className="p-row">
          <button type="button" className="p-button accent" onClick={() => setAnswering(true)}>
            {words("comments.answer")}
          </button>
          <button type="button" className="p-button" onClick={() => void settle(thread.first.id, thread.resolved_at === null)}>
            {thread.resolved_at === null ? <Check aria-hidden size={14} /> : <RotateCcw aria-hidden size={14} />}
            {words(thread.resolved_at === null ? "comments.settle" : "comments.reopen")}
          </button>
        </div>
      )}
    </li>
  );
}

function Said({ comment }: { comment: Comment }) {
  const words = useWords();
  const { takeBack } = useSaying();
  return (
    <div className="t-said">
      <div className="p-row tight">
        <strong className="p-cut">{comment.author}</strong>
        <span className="faint">
          <Moment at={comment.at} />
        </span>
        {comment.mine && (
          <button type="button" className="p-button end" title={words("comments.delete")} aria-label={words("comments.delete")} onClick={() => void takeBack(comment.id)}>
            <Trash2 aria-hidden size={13} />
          </button>
        )}
      </div>
      <p>
        {parts(comment.body, comment.mentions).map((part, n) =>
          part.named ? (
            <b key={n} className="t-named">
              {part.text}
            </b>
          ) : (
            part.text
          ),
        )}
      </p>
    </div>
  );
}
