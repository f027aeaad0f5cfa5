/** A back-test of the draft: started with the panel, watched while its figures narrow, cancelled with it. */

import { useCallback, useEffect, useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { journeyPath } from "@/page";

export type Backtest = Answer<"/api/journeys/{key}/backtest/{backtest}", "get">;
export type Figures = NonNullable<Backtest["figures"]>;
export type Figure = Figures["totals"][number];
export type Estimate = Figure["draft"];

/** Milliseconds between two looks. */
const PAUSE = 500;

export const isExact = (one: Estimate): boolean => one.low === one.high;
export const isOver = (found: Backtest): boolean => ["done", "cancelled", "failed"].includes(found.state);
export const totalOf = (figures: Figures, code: string): Figure | undefined => figures.totals.find((one) => one.code === code);

/** Half of an interval: how far the number may be off, to the farther side. */
export const margin = (one: Estimate): number => Math.max(one.high - one.value, one.value - one.low);

/** One column of the picture: all channels of one day. */
export type Day = { day: string; parts: { channel: string; value: number }[]; total: number; live: number | null };

/** Every day of the window, also those on which nothing goes out. */
export function daysOf(figures: Figures): Day[] {
  const days = new Map<string, Day>();
  const first = new Date(`${dayIn(figures.since, figures.time_zone)}T00:00:00Z`);
  const last = dayIn(figures.until, figures.time_zone);
  for (let at = first; at.toISOString().slice(0, 10) <= last; at = new Date(at.getTime() + 86_400_000)) {
    const day = at.toISOString().slice(0, 10);
    days.set(day, { day, parts: [], total: 0, live: figures.compared ? 0 : null });
  }
  for (const one of figures.messages_by_day) {
    const day = days.get(one.day);
    if (!day) continue;
    if (one.draft.value > 0) day.parts.push({ channel: one.channel, value: one.draft.value });
    day.total += one.draft.value;
    if (day.live !== null && one.live) day.live += one.live.value;
  }
  return [...days.values()];
}

const dayIn = (at: string, timeZone: string): string => new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(at));

export type Watched = { found: Backtest | null; error: unknown; cancel: () => void; again: () => void };

/** The back-test of the draft as it is saved, over so many days; a new one with each change of `days` and `revision`. */
export function useForecast(days: number, revision: number | string | null): Watched {
  const [found, setFound] = useState<Backtest | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stopped = new AbortController();
    setFound(null);
    setError(null);
    void follow(days, stopped.signal, setFound).catch((problem: unknown) => {
      if (!stopped.signal.aborted) setError(problem);
    });
    return () => stopped.abort();
  }, [days, revision, round]);
  const id = found?.id;
  const cancel = useCallback(() => {
    if (id) void stop(id).catch(() => undefined);
  }, [id]);
  return { found, error, cancel, again: () => setRound((before) => before + 1) };
}

const path = (id: string): string => journeyPath(`/backtest/${id}`);
const stop = (id: string): Promise<unknown> => call("DELETE", path(id));

/** Looks until it is over; nobody who leaves keeps the machine busy. */
async function follow(days: number, signal: AbortSignal, show: (found: Backtest) => void): Promise<void> {
  let { data } = await call<Backtest>("POST", journeyPath("/backtest"), { body: { days } });
  while (!isOver(data)) {
    if (signal.aborted) {
      await stop(data.id).catch(() => undefined);
      return;
    }
    show(data);
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
    ({ data } = await call<Backtest>("GET", path(data.id)));
  }
  if (!signal.aborted) show(data);
}
