/** Whether the draft can be published: one sentence, from everything that was found. */

import type { Key } from "@/word-keys.gen";
import type { Preflight } from "./preflight";

/** `tone`: how the sentence looks; the counts are those of its words. */
export type Sentence = { key: Key; count: number; tone: "good" | "warn" | "bad" | "none" };
type Found = { errors: number; warnings: number; upToDate: boolean; checks: Preflight | undefined; failed: boolean };

/** The worst that was found decides; what is still being checked may turn out worse, so nothing is promised before. */
export function verdictOf({ errors, warnings, upToDate, checks, failed }: Found): Sentence {
  if (errors > 0) return { key: "verdict.errors", count: errors, tone: "bad" };
  if (upToDate) return { key: "verdict.nothing", count: 0, tone: "none" };
  if (failed) return { key: "verdict.unchecked", count: 0, tone: "warn" };
  const of = (verdict: string): number => checks?.checks.filter((one) => one.verdict === verdict).length ?? 0;
  if (of("stop") > 0) return { key: "verdict.stop", count: of("stop"), tone: "bad" };
  if (!checks || checks.checks.some((one) => one.progress !== null)) return { key: "verdict.checking", count: 0, tone: "none" };
  const points = warnings + of("look");
  return points > 0 ? { key: "verdict.look", count: points, tone: "warn" } : { key: "verdict.ready", count: 0, tone: "good" };
}
