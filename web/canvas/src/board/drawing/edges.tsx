import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { Plus } from "lucide-react";
import { memo } from "react";
import { portOf } from "@/document/edit";
import { EdgeCount } from "@/live/counts";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import { useEditable } from "@/board/flow";
import { pickAt } from "@/board/picker-state";
import { edgePath } from "./edge-path";
import type { EdgeData } from "./scene";
import "./ports.css";
import "./edges.css";

/** An edge from a port to a step, with a "+" to insert a step, or the count of customers who took it. */
export const StepEdge = memo(function StepEdge(props: EdgeProps) {
  const { id, sourceX, sourceY, targetX, targetY, selected, markerEnd } = props;
  const words = useWords();
  const lit = useUi((ui) => ui.litEdges[id] === true);
  const live = useUi((ui) => ui.mode === "live");
  const editable = useEditable();
  const data = props.data as EdgeData;
  const { edge } = data;
  const { path, label: at } = edgePath({ ...data, from: { x: sourceX, y: sourceY }, to: { x: targetX, y: targetY } });
  const label = words("board.insert");
  return (
    <>
      <BaseEdge id={id} path={path} markerEnd={markerEnd} interactionWidth={20} className={`line${lit ? " lit" : ""}${selected ? " chosen" : ""}`} />
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

/** Where a step leads by its settings, not by an edge of the document. */
export const JumpEdge = memo(function JumpEdge({ id, sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition }: EdgeProps) {
  const lit = useUi((ui) => ui.litEdges[id] === true);
  const [path] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, curvature: 0.4 });
  return <BaseEdge id={id} path={path} className={`line jump${lit ? " lit" : ""}`} interactionWidth={0} />;
});
