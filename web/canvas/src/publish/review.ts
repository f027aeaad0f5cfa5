/** What publishing would do. */

import type { Answer } from "@/api/types";
import type { Problem } from "@/document/types";

export type Review = Answer<"/api/journeys/{key}/review", "get">;
export type Published = Answer<"/api/journeys/{key}/publish", "post">;

export const errorsOf = (problems: readonly Problem[]): Problem[] => problems.filter((one) => one.severity === "error");
export const warningsOf = (problems: readonly Problem[]): Problem[] => problems.filter((one) => one.severity !== "error");

/** Rounds an estimate to two figures; it is no more exact than that. */
export function roughly(value: number): number {
  if (value < 100) return Math.round(value);
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}

/** Whether the draft is the same as what is live. */
export function nothingNew({ difference }: Pick<Review, "difference">): boolean {
  if (!difference) return false;
  return Object.keys(difference.steps).length + difference.edges.length + difference.journey.length === 0;
}
