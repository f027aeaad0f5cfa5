/** What all panels show the same way: that something loads, failed, is not there; a moment; words with *names*. */

import { CircleAlert, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ApiProblem } from "@/api/client";
import { when } from "@/panels/figures";
import { useWords } from "@/words";
import "./panels.css";

/** Grey lines as high as what will stand there. */
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

/** What a failed call says to its reader. */
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

export function Moment({ at, zone, form = "short" }: { at: string; zone?: string; form?: "short" | "time" }) {
  return (
    <time dateTime={at} title={when(at, "full", zone)}>
      {when(at, form, zone)}
    </time>
  );
}

/** The server's phrases put *names* between asterisks. */
export function Phrase({ text }: { text: string }) {
  const parts = text.split(/\*([^*]+)\*/);
  return <>{parts.map((part, index) => (index % 2 ? <em key={index}>{part}</em> : part))}</>;
}
