/** Fills `useLive` from the server's stream while it is mounted. Renders nothing.
 *
 * A hidden tab does not listen; a broken connection is tried again, less and less often.
 */

import { useEffect } from "react";
import type { Live } from "@/document/types";
import { journeyPath } from "@/page";
import { useLive } from "./store";

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 30_000;

export const pauseAfter = (failures: number): number => Math.min(FIRST_PAUSE * 2 ** Math.max(0, failures - 1), LONGEST_PAUSE);

/** Listens until the returned function is called. */
export function listen(address: string): () => void {
  let source: EventSource | null = null;
  let again: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const close = (): void => {
    clearTimeout(again);
    source?.close();
    source = null;
    useLive.setState({ connected: false });
  };
  const open = (): void => {
    close();
    source = new EventSource(address);
    source.onopen = () => {
      failures = 0;
      useLive.setState({ connected: true });
    };
    source.addEventListener("live", (event) => {
      failures = 0;
      useLive.setState({ live: JSON.parse((event as MessageEvent<string>).data) as Live, connected: true });
    });
    source.onerror = () => {
      close(); // the browser's own retry gives up for good on an answer that is no stream; ours does not
      failures += 1;
      again = setTimeout(open, pauseAfter(failures));
    };
  };
  const follow = (): void => (document.hidden ? close() : open());
  document.addEventListener("visibilitychange", follow);
  follow();
  return () => {
    document.removeEventListener("visibilitychange", follow);
    close();
  };
}

export function LiveFeed() {
  useEffect(() => listen(journeyPath("/live/stream")), []);
  return null;
}
