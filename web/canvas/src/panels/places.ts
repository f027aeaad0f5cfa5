/** Documents from elsewhere on the canvas: their steps stand as they were drawn, as in the draft, or arranged. */

import { arrange } from "@/board/arrange";
import { isUnplaced } from "@/document/arrange";
import { useDraft } from "@/document/store";
import { takeTheirs } from "@/document/sync";
import { type Draft, ENTRY, type JourneyDocument } from "@/document/types";
import { NOTHING, useUi } from "@/ui/state";

export async function withPlaces(document: JourneyDocument): Promise<JourneyDocument> {
  const known = useDraft.getState().document.layout?.positions ?? {};
  const placed = { ...document, layout: { ...document.layout, positions: { ...known, ...document.layout?.positions } } };
  return isUnplaced(placed) ? arrange(placed) : placed;
}

/** A draft of the server's in the place of one's own, as one more edit: undo brings one's own back. */
export async function showDraft(draft: Draft, etag = ""): Promise<void> {
  const document = await withPlaces({ ...(draft.draft as unknown as JourneyDocument) });
  takeTheirs({ ...draft, draft: document as never }, etag);
  useUi.getState().set({ focus: ENTRY, selection: NOTHING });
}
