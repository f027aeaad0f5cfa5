/** Of a long list, only the visible rows are rendered. */

import { type RefObject, useEffect, useState } from "react";

export const ROW = 37;
/** Up to so many rows all are rendered, each as high as its text. */
export const MANY = 120;
const BEYOND = 12;

export type Span = { from: number; to: number };

export function spanOf(top: number, height: number, rows: number): Span {
  if (rows <= MANY) return { from: 0, to: rows };
  const from = Math.max(0, Math.min(rows - 1, Math.floor(top / ROW) - BEYOND));
  return { from, to: Math.min(rows, Math.ceil((top + height) / ROW) + BEYOND) };
}

export function useSpan(box: RefObject<HTMLElement | null>, rows: number): Span {
  const [span, setSpan] = useState<Span>(() => spanOf(0, 1_000, rows));
  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const update = (): void => {
      const next = spanOf(element.scrollTop, element.clientHeight, rows);
      setSpan((now) => (now.from === next.from && now.to === next.to ? now : next));
    };
    update();
    element.addEventListener("scroll", update, { passive: true });
    addEventListener("resize", update);
    return () => {
      element.removeEventListener("scroll", update);
      removeEventListener("resize", update);
    };
  }, [box, rows]);
  return rows <= MANY ? { from: 0, to: rows } : span;
}

/** Scrolls until a row of a long list is visible, and so is rendered. */
export function bringIn(box: HTMLElement | null, index: number, rows: number): void {
  if (!box || rows <= MANY) return;
  const head = ROW;
  const [top, bottom] = [index * ROW, (index + 1) * ROW + head];
  if (top < box.scrollTop) box.scrollTop = top;
  else if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
}
