/** What just happened, said twice: to those who see (a toast, with a way back), and to those who listen (aria-live). */

import { create } from "zustand";

export type Toast = { id: number; text: string; tone: "plain" | "trouble"; action?: { label: string; run: () => void } };
type Said = { toasts: Toast[]; heard: string };

export const useSaid = create<Said>()(() => ({ toasts: [], heard: "" }));

let count = 0;

export const announce = (text: string): void => useSaid.setState({ heard: text });

export function toast(text: string, options: { tone?: Toast["tone"]; action?: Toast["action"]; stay?: number } = {}): void {
  count += 1;
  const shown: Toast = { id: count, text, tone: options.tone ?? "plain", ...(options.action && { action: options.action }) };
  useSaid.setState((state) => ({ toasts: [...state.toasts.slice(-2), shown], heard: text }));
  setTimeout(() => dismiss(shown.id), options.stay ?? (shown.tone === "trouble" ? 10_000 : 5_000));
}

export const dismiss = (id: number): void => useSaid.setState((state) => ({ toasts: state.toasts.filter((one) => one.id !== id) }));
