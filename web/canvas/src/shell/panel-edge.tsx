import { useRef } from "react";
import { create } from "zustand";
import { remember, remembered } from "@/ui/remembered";
import { useWords } from "@/words";

const NAME = "panel-width";
const USUAL = 344;
const LEAST = 300;
const STEP = 16;

/** At most so wide that the drawing beside it still shows a step. */
const most = (): number => Math.max(LEAST, Math.min(760, window.innerWidth - 420));
export const within = (width: number): number => Math.round(Math.min(most(), Math.max(LEAST, width)));

/** How wide the reader wants the panel on the right; kept by the browser. */
export const usePanelWidth = create<{ width: number }>()(() => ({ width: Number(remembered(NAME)) || USUAL }));

const put = (width: number): void => usePanelWidth.setState({ width: within(width) });
const keep = (): void => remember(NAME, String(usePanelWidth.getState().width));

/** The edge between drawing and panel: dragged, or moved with the arrow keys. */
export function PanelEdge() {
  const words = useWords();
  const width = usePanelWidth((state) => state.width);
  const from = useRef<{ x: number; width: number } | null>(null);
  const end = (): void => {
    if (from.current) keep();
    from.current = null;
  };
  return (
    <div
      className="panel-edge"
      role="separator"
      aria-orientation="vertical"
      aria-label={words("panel.width")}
      title={words("panel.width")}
      aria-valuemin={LEAST}
      aria-valuemax={most()}
      aria-valuenow={within(width)}
      tabIndex={0}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { x: event.clientX, width: within(width) };
      }}
      onPointerMove={(event) => from.current && put(from.current.width + from.current.x - event.clientX)}
      onPointerUp={end}
      onPointerCancel={end}
      onDoubleClick={() => {
        put(USUAL);
        keep();
      }}
      onKeyDown={(event) => {
        const by = event.key === "ArrowLeft" ? STEP : event.key === "ArrowRight" ? -STEP : event.key === "Home" ? USUAL - width : 0;
        if (by === 0) return;
        event.preventDefault();
        event.stopPropagation();
        put(width + by);
        keep();
      }}
    />
  );
}
