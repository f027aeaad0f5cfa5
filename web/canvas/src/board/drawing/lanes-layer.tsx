import { useStore } from "@xyflow/react";
import { create } from "zustand";
import { shallow } from "zustand/shallow";
import { memo, useMemo } from "react";
import { useDescribed } from "@/document/described";
import { axisOf } from "@/document/axis";
import { type Lane, lanesOf } from "@/document/lanes";
import type { Stage } from "@/document/types";
import { useWords } from "@/words";
import { sizeOf, useOnCanvas } from "@/board/flow";
import "./lanes-layer.css";

/** The lane over which a step is being dragged, if it is not its own. */
export const useDropLane = create<{ over: Stage | null | undefined }>()(() => ({ over: undefined }));

/** The stages as lanes behind the steps: as wide as the viewport, their names always visible. */
export const LanesLayer = memo(function LanesLayer() {
  const [x, y, zoom] = useStore((state) => state.transform);
  const size = useStore(({ width, height }) => ({ width, height }), shallow);
  const document = useOnCanvas();
  const described = useDescribed((state) => state.described);
  const over = useDropLane((state) => state.over);
  // Sizes follow from ports, which the server describes.
  const lanes = useMemo(() => lanesOf(document, sizeOf), [document, described]);
  const axis = axisOf(document);
  return (
    <div className={`lanes${axis.right ? " upright" : ""}`} aria-hidden="true">
      {lanes.map((lane) => (
        <Band key={lane.stage ?? ""} lane={lane} right={axis.right} offset={axis.right ? x : y} zoom={zoom} room={size[axis.length]} over={over === lane.stage} />
      ))}
    </div>
  );
});

type BandProps = { lane: Lane; right: boolean; offset: number; zoom: number; room: number; over: boolean };

function Band({ lane, right, offset, zoom, room, over }: BandProps) {
  const words = useWords();
  const begin = Math.max(-8, lane.begin * zoom + offset);
  const end = Math.min(room + 8, lane.end * zoom + offset);
  if (end <= begin) return null;
  const place = right ? { transform: `translateX(${begin}px)`, width: end - begin } : { transform: `translateY(${begin}px)`, height: end - begin };
  return (
    <div className={`lane s-${lane.stage ?? ""}${over ? " over" : ""}`} style={place}>
      {end - begin >= (right ? 64 : 20) ? <span className="lane-name">{words(`stage.${lane.stage ?? "none"}`)}</span> : null}
    </div>
  );
}
