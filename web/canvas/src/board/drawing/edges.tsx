import { BaseEdge, EdgeLabelRenderer, type EdgeProps, Position } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo, useMemo } from "react";
import { portOf } from "@/document/edit";
import type { Point } from "@/document/types";
import { EdgeCount } from "@/live/counts";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import { useEditable } from "@/board/flow";
import { pickAt } from "@/board/picker-state";
import { routeBetween } from "@/board/routing/current";
import { HANDLE, type Route } from "@/board/routing/routes";
import { rounded } from "@/board/routing/simple";
import type { EdgeData, LineData } from "./scene";
import "./ports.css";
import "./edges.css";

/** An edge from a port to a step, with a "+" to insert a step, or the count of customers who took it. */
export const StepEdge = memo(function StepEdge(props: EdgeProps) {
  const { id, selected, markerEnd } = props;
  const words = useWords();
  const lit = useUi((ui) => ui.litEdges[id] === true);
  const live = useUi((ui) => ui.mode === "live");
  const editable = useEditable();
  const { edge } = props.data as EdgeData;
  const { points, label: at } = useRoute(props);
  const label = words("board.insert");
  return (
    <>
      <BaseEdge id={id} path={rounded(fromBorder(points, props.sourcePosition))} markerEnd={markerEnd} interactionWidth={20} className={`line${lit ? " lit" : ""}${selected ? " chosen" : ""}`} />
      <EdgeLabelRenderer>
        <div className="line-tools nopan" data-edge={id} data-from={edge.from} data-to={edge.to} style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}>
          {live ? <EdgeCount from={edge.from} port={portOf(edge)} /> : null}
          {editable ? (
            <button
              type="button"
              tabIndex={-1}
              className="plus"
              title={label}
              aria-label={label}
              onClick={(event) => pickAt(event.currentTarget, { into: edge })}
            >
              <Plus aria-hidden="true" />
            </button>
          ) : null}
        </div>
      </EdgeLabelRenderer>
    </>
  );
});

/** From the card's border on: a port's dot lies over it, and where there is none to be seen no gap is left. */
const fromBorder = ([first, ...rest]: readonly Point[], side: Position): Point[] => {
  if (!first) return [];
  return [side === Position.Right ? { x: first.x - HANDLE, y: first.y } : { x: first.x, y: first.y - HANDLE }, ...rest];
};

/** Where a step leads by its settings, not by an edge of the document. */
export const JumpEdge = memo(function JumpEdge(props: EdgeProps) {
  const { id } = props;
  const lit = useUi((ui) => ui.litEdges[id] === true);
  const { points } = useRoute(props);
  return <BaseEdge id={id} path={rounded(points)} className={`line jump${lit ? " lit" : ""}`} interactionWidth={0} />;
});

function useRoute({ data, sourceX, sourceY, targetX, targetY }: EdgeProps): Route {
  const { wire, route } = data as LineData;
  return useMemo(() => routeBetween(wire, route, { x: sourceX, y: sourceY }, { x: targetX, y: targetY }), [wire, route, sourceX, sourceY, targetX, targetY]);
}
