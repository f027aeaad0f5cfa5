/** What publishing would do, as the server tells it. */

import type { Problem } from "@/document/types";
import type { Difference } from "@/versions/compare";

export type Review = {
  problems: Problem[];
  audience: {
    /** Null: not known, because the draft has errors or the look took too long. */
    triggered_last_30_days: number | null;
    would_enter_last_30_days: number | null;
    in_journey_now: number;
    sampled: number;
    of: number;
  };
  messages: { channel: string; message_class: string; expected_per_month: number }[];
  difference: Difference | null;
};

export type Published = { key: string; version: number; plan_hash: string; problems: Problem[] };

export const errorsOf = (problems: readonly Problem[]): Problem[] => problems.filter((one) => one.severity === "error");
export const warningsOf = (problems: readonly Problem[]): Problem[] => problems.filter((one) => one.severity !== "error");

/** Expected numbers are estimates: two figures say as much as they know. */
export function roughly(value: number): number {
  if (value < 100) return Math.round(value);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}

/** Whether the draft says no more than what is live. */
export function nothingNew({ difference }: Pick<Review, "difference">): boolean {
  if (!difference) return false;
  return Object.keys(difference.steps).length + difference.edges.length + difference.journey.length === 0;
}
