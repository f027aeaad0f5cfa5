/** The checks before a draft goes live, as the server tells them. */

import { call } from "@/api/client";
import type { Text } from "@/document/types";
import { journeyPath } from "@/panels/page";

export type Verdict = "ok" | "look" | "stop";

export type Finding = { verdict: Verdict; code: string; text: Text; step: string | null; field: string | null };

export type Check = {
  check: string;
  title: Text;
  verdict: Verdict;
  verdict_title: Text;
  summary: Text;
  figures: { label: Text; value: Text }[];
  findings: Finding[];
  more_findings: number;
  /** Null: done. */
  progress: { done: number; of: number } | null;
};

export type Preflight = { revision: number; verdict: Verdict; checks: Check[] };

/** `path`: where the checks are made; those of the journey, unless told. */
export const askPreflight = async (signal: AbortSignal, fresh: boolean, path = journeyPath("/preflight")): Promise<Preflight> =>
  (await call<Preflight>("GET", fresh ? `${path}?fresh=true` : path, { signal })).data;

export const underWay = (found: Preflight | undefined): boolean => found?.checks.some((one) => one.progress !== null) ?? false;

/** What somebody has to publish over by name. */
export const stopsOf = (found: Preflight | undefined): Check[] => found?.checks.filter((one) => one.verdict === "stop") ?? [];
