/** The checks before a draft goes live. */

import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { journeyPath } from "@/page";

export type Preflight = Answer<"/api/journeys/{key}/preflight", "get">;
/** One check. `progress`: null once it is done. */
export type Check = Preflight["checks"][number];
export type Finding = Check["findings"][number];
export type Verdict = Preflight["verdict"];

/** `path`: whose checks; those of the journey where nothing else is given. `fresh`: makes all of them again. */
export const askPreflight = async (signal: AbortSignal, fresh: boolean, path = journeyPath("/preflight")): Promise<Preflight> =>
  (await call<Preflight>("GET", fresh ? `${path}?fresh=true` : path, { signal })).data;

export const underWay = (found: Preflight | undefined): boolean => found?.checks.some((one) => one.progress !== null) ?? false;

/** Checks that have to be overridden by name. */
export const stopsOf = (found: Preflight | undefined): Check[] => found?.checks.filter((one) => one.verdict === "stop") ?? [];
