/** Fetches what opens by a key or a click as soon as the canvas is shown, so that no typed key is lost while it loads. */

const PARTS = [
  () => import("@/board/picker"),
  () => import("@/inspector/panel"),
  () => import("./commands"),
  () => import("@/board/step-menu"),
  () => import("./more-menu"),
];

export function prefetchPanels(): void {
  const begin = (): void => {
    for (const part of PARTS) void part().catch(() => undefined); // asked for again when it is needed
  };
  if ("requestIdleCallback" in window) requestIdleCallback(begin, { timeout: 1500 });
  else setTimeout(begin, 300);
}
