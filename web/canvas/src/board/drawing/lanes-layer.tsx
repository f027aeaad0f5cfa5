import { useStore } from "@xyflow/react";
import { create } from "zustand";
import { memo, useMemo } from "react";
import { useDescribed } from "@/document/described";
import { type Lane, lanesOf } from "@/document/lanes";
import type { Stage } from "@/document/types";
import { useWords } from "@/words";
import { sizeOf, useOnCanvas } from "@/board/flow";
import "./lanes-layer.css";

/** The lane over which a step is being dragged, if it is not its own. */
export const useDropLane = create<{ over: Stage | null | undefined }>()(() => ({ over: undefined }));

/** The stages as lanes behind the steps: as wide as the viewport, their names always visible. */
export const LanesLayer = memo(function LanesLayer() {
  const [, y, zoom] = useStore((state) => state.transform);
  const height = useStore((state) => state.height);
  const document = useOnCanvas();
  const described = useDescribed((state) => state.described);
  const over = useDropLane((state) => state.over);
  // Sizes follow from ports, which the server describes.
  const lanes = useMemo(() => lanesOf(document, sizeOf), [document, described]);
  return (
    <div className="lanes" aria-hidden="true">
      {lanes.map((lane) => (
        <Band key={lane.stage ?? ""} lane={lane} y={y} zoom={zoom} height={height} over={over === lane.stage} />
      ))}
    </div>
  );
});

function Band({ lane, y, zoom, height, over }: { lane: Lane; y: number; zoom: number; height: number; over: boolean }) {
  const words = useWords();
  const top = Math.max(-8, lane.top * zoom + y);
  const bottom = Math.min(height + 8, lane.bottom * zoom + y);
  if (bottom <= top) return null;
  return (
    <div className={`lane s-${lane.stage ?? ""}${over ? " over" : ""}`} style={{ transform: `translateY(${top}px)`, height: bottom - top }}>
      {bottom - top >= 20 ? <span className="lane-name">{words(`stage.${lane.stage ?? "none"}`)}</span> : null}
    </div>
  );
}
