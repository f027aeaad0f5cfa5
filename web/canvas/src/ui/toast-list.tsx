import { X } from "lucide-react";
import { dismiss, useToasts } from "./toasts";
import { useWords } from "@/words";
import "./toast-list.css";

/** What just happened: shown for a moment, and read out by screen readers. */
export function ToastList() {
  const words = useWords();
  const { toasts, announcement } = useToasts();
  return (
    <>
      <div className="hidden" role="status" aria-live="polite">
        {announcement}
      </div>
      <ul className="toasts">
        {toasts.map((toast) => (
          <li key={toast.id} className={toast.tone}>
            <span>{toast.text}</span>
            {toast.action ? (
              <button
                type="button"
                className="quiet"
                onClick={() => {
                  toast.action?.run();
                  dismiss(toast.id);
                }}
              >
                {toast.action.label}
              </button>
            ) : null}
            <button type="button" className="ghost" onClick={() => dismiss(toast.id)} aria-label={words("panel.close")} title={words("panel.close")}>
              <X aria-hidden="true" />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}
