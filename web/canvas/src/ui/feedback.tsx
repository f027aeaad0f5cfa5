/** What a panel shows while it loads, when that failed, and when there is nothing to show. */

import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ApiProblem } from "@/api/client";
import { useWords } from "@/words";
import "./panels.css";

/** Grey lines as high as the content that will replace them. */
export function Loading({ lines = 5 }: { lines?: number }) {
  const words = useWords();
  return (
    <div className="p-loading" role="status" aria-label={words("panel.loading")}>
      {Array.from({ length: lines }, (_, line) => (
        <i key={line} style={{ width: `${92 - ((line * 17) % 40)}%` }} />
      ))}
    </div>
  );
}

/** Why a call failed, for the reader. */
export function reasonOf(error: unknown, otherwise: string): string {
  if (error instanceof ApiProblem) return error.detail || error.title || otherwise;
  return otherwise;
}

export function Failed({ error, retry, title }: { error: unknown; retry?: () => void; title?: string }) {
  const words = useWords();
  return (
    <div className="p-failed" role="alert">
      <CircleAlert aria-hidden size={16} />
      <div>
        <strong>{title ?? words("panel.failed")}</strong>
        <p>{reasonOf(error, words("panel.no_answer"))}</p>
        {retry && (
          <button type="button" className="button" onClick={retry}>
            <RotateCw aria-hidden size={14} />
            {words("retry")}
          </button>
        )}
      </div>
    </div>
  );
}

export function Empty({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className="p-empty">
      {icon}
      <strong>{title}</strong>
      {children}
    </div>
  );
}
