/** Of all that stands on the canvas one thing is reached with Tab: what is selected, else the entry. Arrows lead on. */

import { ENTRY } from "@/document/types";
import { useUi } from "@/ui/state";

export const useTabStop = (id: string): boolean => useUi((ui) => (ui.selection.steps[0] ?? ENTRY) === id);
