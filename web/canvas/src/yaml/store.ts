/** A file that may replace the draft; the panel shows what is in it first. */

import { create } from "zustand";
import { useUi } from "@/ui/state";

export const useImport = create<{ file: File | null }>()(() => ({ file: null }));

export function offerFile(file: File): void {
  useImport.setState({ file });
  useUi.getState().set({ panel: "yaml" });
}

export const dropFile = (): void => useImport.setState({ file: null });
