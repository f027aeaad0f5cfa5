/** Shows documents from elsewhere (a version, a file): steps keep their positions, else have those of the draft, else are arranged. */

import { arrange } from "./arrange";
import { isUnplaced } from "@/document/layout";
import { takeAsEdit, useDraft } from "@/document/draft";
import { type Draft, ENTRY, type JourneyDocument } from "@/document/types";
import { NOTHING, useUi } from "@/ui/state";

export async function withPositions(document: JourneyDocument): Promise<JourneyDocument> {
  const known = useDraft.getState().document.layout?.positions ?? {};
  const placed = { ...document, layout: { ...document.layout, positions: { ...known, ...document.layout?.positions } } };
  return isUnplaced(placed) ? arrange(placed) : placed;
}

/** Replaces the draft by one of the server's, as one more edit: undo brings the reader's own back. */
export async function showDraft(draft: Draft, etag = ""): Promise<void> {
  const document = await withPositions({ ...(draft.draft as unknown as JourneyDocument) });
  takeAsEdit({ ...draft, draft: document as never }, etag);
  useUi.getState().set({ focus: ENTRY, selection: NOTHING });
}
