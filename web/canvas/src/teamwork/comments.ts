/** The journey's comments: asked for now and then, changed by who says something. */

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { create } from "zustand";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { journeyPath } from "@/page";
import { useUi } from "@/ui/state";

export type Threads = Answer<"/api/journeys/{key}/comments", "get">;
export type Thread = Threads["items"][number];
export type Comment = Thread["first"];

const AGAIN = 20_000;
const QUERY = ["comments"];

/** `about`: the step whose comments the panel shows; null: all of the journey. */
export const useAbout = create<{ about: string | null; settled: boolean }>()(() => ({ about: null, settled: false }));

export function useThreads<Part>(select: (threads: Thread[]) => Part) {
  return useQuery({
    queryKey: QUERY,
    queryFn: async ({ signal }) => (await call<Threads>("GET", journeyPath("/comments"), { signal })).data,
    select: (found: Threads) => select(found.items),
    refetchInterval: AGAIN,
    staleTime: AGAIN / 2,
  });
}

export function showComments(about: string | null): void {
  useAbout.setState({ about });
  useUi.getState().set({ panel: "comments" });
}

/** What one does to comments; each answer is all of them. */
export function useSaying() {
  const queries = useQueryClient();
  const keep = (found: Threads): void => void queries.setQueryData(QUERY, found);
  return {
    say: async (body: string, mentions: string[], place: { step: string } | { thread: string }): Promise<void> => {
      keep((await call<Threads>("POST", journeyPath("/comments"), { body: { body, mentions, ...place } })).data);
    },
    settle: async (thread: string, resolved: boolean): Promise<void> => {
      keep((await call<Threads>("POST", journeyPath(`/comments/${thread}/resolve`), { body: { resolved } })).data);
    },
    takeBack: async (comment: string): Promise<void> => {
      await call<null>("DELETE", journeyPath(`/comments/${comment}`));
      await refresh(queries);
    },
  };
}

const refresh = (queries: QueryClient): Promise<void> => queries.invalidateQueries({ queryKey: QUERY });

/** Whoever looks has read what names them. */
export const markRead = (): Promise<unknown> => call<null>("POST", journeyPath("/comments/read")).catch(() => undefined);
