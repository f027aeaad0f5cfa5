/** Customers who stand at steps that the journey, as it is drawn, no longer has: they follow an earlier version. */

import type { Live } from "@/document/types";

type Standing = { steps: Record<string, Pick<Live["steps"][string], "here">> };

export function countUndrawn(live: Standing, drawn: readonly { id: string }[]): number {
  const known = new Set(drawn.map((step) => step.id));
  return Object.entries(live.steps).reduce((all, [id, step]) => (known.has(id) ? all : all + step.here), 0);
}
