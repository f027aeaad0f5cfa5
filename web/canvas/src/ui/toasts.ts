/** Tells what just happened, twice: as a toast, with a way back, and to screen readers (aria-live). */

import { create } from "zustand";

export type Toast = { id: number; text: string; tone: "plain" | "trouble"; action?: { label: string; run: () => void } };
type ToastState = {
  toasts: Toast[];
  /** The last text for screen readers. */
  announcement: string;
};

export const useToasts = create<ToastState>()(() => ({ toasts: [], announcement: "" }));

let count = 0;

export const announce = (text: string): void => useToasts.setState({ announcement: text });

/** `stay`: milliseconds until it goes by itself. */
export function toast(text: string, options: { tone?: Toast["tone"]; action?: Toast["action"]; stay?: number } = {}): void {
  count += 1;
  const shown: Toast = { id: count, text, tone: options.tone ?? "plain", ...(options.action && { action: options.action }) };
  useToasts.setState((state) => ({ toasts: [...state.toasts.slice(-2), shown], announcement: text }));
  setTimeout(() => dismiss(shown.id), options.stay ?? (shown.tone === "trouble" ? 10_000 : 5_000));
}

export const dismiss = (id: number): void => useToasts.setState((state) => ({ toasts: state.toasts.filter((one) => one.id !== id) }));
