/** What the page told the canvas; panels ask here instead of being handed it through every component. */

import type { Page } from "@/main";

const NOWHERE = { key: "", can: [] as string[], timeZone: "Asia/Seoul" };
let told: Page | null = null;

export function page(): Page {
  if (told !== null) return told;
  const text = globalThis.document?.getElementById("canvas-page")?.textContent;
  told = { ...NOWHERE, ...(text ? (JSON.parse(text) as Partial<Page>) : {}) } as Page;
  return told;
}

export const journeyPath = (rest = ""): string => `/api/journeys/${encodeURIComponent(page().key)}${rest}`;

/** Whether the reader may do what needs this permission. */
export const may = (permission: "draw" | "operate"): boolean => page().can.includes(permission);
