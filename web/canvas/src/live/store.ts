/** The journey's counts as they come in, and how the line to the server stands. */

import { create } from "zustand";
import type { Live } from "@/document/types";

export type LiveState = { live: Live | null; connected: boolean };

export const useLive = create<LiveState>()(() => ({ live: null, connected: false }));
