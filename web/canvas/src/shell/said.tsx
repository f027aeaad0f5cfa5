import { X } from "lucide-react";
import { dismiss, useSaid } from "@/ui/announce";
import { useWords } from "@/words";

/** What just happened: shown for a moment, and said to those who listen. */
export function Said() {
  const words = useWords();
  const { toasts, heard } = useSaid();
  return (
    <>
      <div className="hidden" role="status" aria-live="polite">
        {heard}
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
