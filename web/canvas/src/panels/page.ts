/** What the page told the canvas; panels ask here instead of being handed it through every component. */

import type { Page } from "@/main";

let told: Page | null = null;

export function page(): Page {
  if (told === null) {
    const text = globalThis.document?.getElementById("canvas-page")?.textContent;
    told = { key: "", can: [], timeZone: "Asia/Seoul", temporalUrl: "", ...(text ? (JSON.parse(text) as Partial<Page>) : {}) };
  }
  return told;
}

export const journeyPath = (rest = ""): string => `/api/journeys/${encodeURIComponent(page().key)}${rest}`;

/** Whether the reader may do what needs this permission. */
export const may = (permission: "draw" | "operate"): boolean => page().can.includes(permission);
