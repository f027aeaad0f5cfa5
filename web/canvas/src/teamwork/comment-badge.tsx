/** How many threads are open at a step, on its card; and of the whole journey, in the bar. */

import { MessageSquare } from "lucide-react";
import { useUi } from "@/ui/state";
import { IconButton } from "@/ui/tip";
import { number, useWords } from "@/words";
import { showComments, type Thread, useThreads } from "./comments";
import "./teamwork.css";

const open = (threads: Thread[], step?: string): number => threads.filter((one) => one.resolved_at === null && (step === undefined || one.step === step)).length;

export function CommentBadge({ step }: { step: string }) {
  const words = useWords();
  const { data: count = 0 } = useThreads((threads) => open(threads, step));
  if (count === 0) return null;
  const label = words("comments.open", { count });
  return (
    <button
      type="button"
      tabIndex={-1}
      className="t-badge nodrag"
      title={label}
      aria-label={label}
      onClick={(event) => {
        event.stopPropagation();
        showComments(step);
      }}
    >
      <MessageSquare aria-hidden size={13} />
      {number(count)}
    </button>
  );
}

export function CommentsButton() {
  const words = useWords();
  const panel = useUi((ui) => ui.panel);
  const selected = useUi((ui) => (ui.selection.steps.length === 1 ? ui.selection.steps[0] : undefined));
  const { data: count = 0 } = useThreads((threads) => open(threads));
  const label = count ? `${words("comments.title")}: ${words("comments.open", { count })}` : words("comments.title");
  return (
    <IconButton
      label={label}
      aria-pressed={panel === "comments"}
      onClick={() => (panel === "comments" ? useUi.getState().set({ panel: null }) : showComments(selected ?? null))}
    >
      <MessageSquare aria-hidden="true" />
      {count ? <span className="t-count" aria-hidden="true">{number(count)}</span> : null}
    </IconButton>
  );
}
