/** One card of the canvas is in the tab order: the selected one, else the entry. Arrow keys lead on from there. */

import { ENTRY } from "@/document/types";
import { useUi } from "@/ui/state";

export const useTabStop = (id: string): boolean => useUi((ui) => (ui.selection.steps[0] ?? ENTRY) === id);
