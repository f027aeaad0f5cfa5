/** The journey's counts, the state of the connection, and which count's customers are listed. */

import { create } from "zustand";
import type { Live } from "@/document/types";
import { useUi } from "@/ui/state";

export type LiveState = { live: Live | null; connected: boolean };

export const useLive = create<LiveState>()(() => ({ live: null, connected: false }));

export type Counted = "here" | "entered" | "left" | "ended" | "sent" | "goal";
/** Which customers the panel lists. `step`: null for the whole journey. `port`: the port, the outcome of a message, or the goal. */
export type Asked = { step: string | null; what: Counted; port: string | null };

export const useAsked = create<{ asked: Asked }>()(() => ({ asked: { step: null, what: "here", port: null } }));

/** Opens the panel with the customers behind a count. */
export function showCustomers(asked: Asked): void {
  useAsked.setState({ asked });
  useUi.getState().set({ panel: "customers" });
}
