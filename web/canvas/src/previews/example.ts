/** For whom previews are filled in. */

import { create } from "zustand";

export type Example = { id: string; name: string };

/** `customer`: null is one made up by the server. `entry`: values of the entry event by name, where the reader typed some. */
export const useExample = create<{ customer: Example | null; entry: Record<string, string> }>()(() => ({ customer: null, entry: {} }));
