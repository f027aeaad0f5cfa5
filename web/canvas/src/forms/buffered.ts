/**
 * Typed text is shown at once, and put into the draft when typing pauses: that renders the whole canvas again, and nobody
 * should wait for it between two letters. All other changes go into the draft at once.
 */

import { useEffect, useRef, useState } from "react";
import { useSync } from "@/document/draft";

const PAUSE = 300;

let typing = false;
let waiting: (() => void) | null = null;
let timer: ReturnType<typeof setTimeout> | undefined;

/** Puts into the draft what is buffered. */
export function flush(): void {
  clearTimeout(timer);
  const put = waiting;
  waiting = null;
  put?.();
}

/** Called when a text field gets or loses the focus. */
export function setTyping(now: boolean): void {
  if (!now) flush();
  typing = now;
}

/** An object with what was just typed, and a function that changes some of its members. */
export function useBuffered<T extends object>(value: T, commit: (change: Partial<T>) => void): [T, (change: Partial<T>) => void] {
  const [typed, setTyped] = useState<Partial<T> | null>(null);
  const all = useRef<Partial<T>>({});
  const put = useRef(commit);
  put.current = commit;
  useEffect(() => flush, []);
  const change = (some: Partial<T>): void => {
    all.current = { ...all.current, ...some };
    const made = (): void => {
      const changes = all.current;
      all.current = {};
      put.current(changes);
      setTyped(null);
    };
    if (!typing) {
      waiting = made;
      flush();
      return;
    }
    setTyped(all.current);
    if (useSync.getState().save === "saved") useSync.setState({ save: "waiting" }); // leaving the page now would lose it
    clearTimeout(timer);
    waiting = made;
    timer = setTimeout(flush, PAUSE);
  };
  return [typed === null ? value : { ...value, ...typed }, change];
}
