/** Which way a journey runs: from top to bottom, or from left to right. Its lanes lie across that way. */

import type { JourneyDocument, Point } from "./types";

/**
 * `at`, `length`: along the way; `aside`, `breadth`: across it. `empty`: extent of a lane in which nothing is, room to
 * drop something and for its name; `foot`: what a lane keeps free after its last step, for one more.
 */
export type Axis = Readonly<{
  right: boolean;
  at: "x" | "y";
  aside: "x" | "y";
  length: "width" | "height";
  breadth: "width" | "height";
  empty: number;
  foot: number;
}>;

export const DOWN: Axis = { right: false, at: "y", aside: "x", length: "height", breadth: "width", empty: 64, foot: 112 };
export const RIGHT: Axis = { right: true, at: "x", aside: "y", length: "width", breadth: "height", empty: 176, foot: 112 };

export const axisOf = (document: JourneyDocument): Axis => (document.layout?.lanes === "vertical" ? RIGHT : DOWN);

/** A point by its distance along the way and across it. */
export const pointOn = ({ right }: Axis, along: number, aside: number): Point => (right ? { x: along, y: aside } : { x: aside, y: along });

/** What runs right, turned so that it runs down; and back. */
export const turned = ({ x, y }: Point): Point => ({ x: y, y: x });
