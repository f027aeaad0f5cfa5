/** The journey's counts as they come in, how the line to the server stands, and what is asked about them. */

import { create } from "zustand";
import type { Live } from "@/document/types";
import { useUi } from "@/ui/state";

export type LiveState = { live: Live | null; connected: boolean };

export const useLive = create<LiveState>()(() => ({ live: null, connected: false }));

export type Counted = "here" | "entered" | "left" | "ended" | "sent" | "goal";
/** Whose customers the customers panel shows; no step: of the whole journey. `port`: the way, what became of the message, or the goal. */
export type Asked = { step: string | null; what: Counted; port: string | null };

export const useAsked = create<{ asked: Asked }>()(() => ({ asked: { step: null, what: "here", port: null } }));

/** Opens the panel with those who are behind a count. */
export function showCustomers(asked: Asked): void {
  useAsked.setState({ asked });
  useUi.getState().set({ panel: "customers" });
}
