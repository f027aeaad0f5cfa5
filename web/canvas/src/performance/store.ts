/** Whether the canvas shows what became of messages instead of who is where, and of which period. */

import { useQuery } from "@tanstack/react-query";
import { create } from "zustand";
import { call } from "@/api/client";
import { journeyPath } from "@/page";
import { remember, remembered } from "@/ui/remembered";
import { useUi } from "@/ui/state";
import { PERIODS, type Performance, type Period } from "./rates";

const AGAIN = 10_000;

const kept = PERIODS.find((period) => period === remembered("period"));
/** `about`: the step whose figures the panel shows; null: all of them. */
export const useResults = create<{ on: boolean; period: Period; about: string | null }>()(() => ({
  on: remembered("results") === "on",
  period: kept ?? "7d",
  about: null,
}));

export function showResults(on: boolean): void {
  remember("results", on ? "on" : "off");
  useResults.setState({ on });
}

export function choosePeriod(period: Period): void {
  remember("period", period);
  useResults.setState({ period });
}

/** Opens the panel with the figures of a step. */
export function explain(about: string | null): void {
  useResults.setState({ about });
  useUi.getState().set({ panel: "results" });
}

/** The figures of the chosen period, asked for again every few seconds while anything shows them. */
export function usePerformance<Part>(select: (all: Performance) => Part) {
  const period = useResults((state) => state.period);
  return useQuery({
    queryKey: ["performance", period],
    queryFn: async ({ signal }) => (await call<Performance>("GET", journeyPath(`/performance?period=${period}`), { signal })).data,
    refetchInterval: AGAIN,
    staleTime: AGAIN / 2,
    select,
  });
}
