/** Where the steps of a published version stand: as they were, as they stand in the draft, or arranged. */

import { arrange } from "@/board/arrange";
import { isUnplaced } from "@/document/arrange";
import { useDraft } from "@/document/store";
import type { JourneyDocument } from "@/document/types";

export async function withPlaces(document: JourneyDocument): Promise<JourneyDocument> {
  const known = useDraft.getState().document.layout?.positions ?? {};
  const placed = { ...document, layout: { ...document.layout, positions: { ...known, ...document.layout?.positions } } };
  return isUnplaced(placed) ? arrange(placed) : placed;
}
