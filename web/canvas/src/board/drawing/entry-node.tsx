import { Handle, type NodeProps } from "@xyflow/react";
import { LogIn, Plus } from "lucide-react";
import { memo } from "react";
import { useDescribed } from "@/document/described";
import { ENTRY_SIZE } from "@/document/size";
import { useDraft } from "@/document/draft";
import { ENTRY } from "@/document/types";
import { Emphasised } from "@/ui/emphasised";
import { useUi } from "@/ui/state";
import { say, useWords } from "@/words";
import { useEditable, useOnCanvas } from "@/board/flow";
import { pickAt } from "@/board/picker-state";
import { type EntryFlowNode, sidesOf } from "./scene";
import { useTabStop } from "./tab-stop";
import { plain } from "@/document/titles";
import "./tile.css";
import "./step-node.css";
import "./marks.css";
import "./ports.css";

/** The card of the entry: which customers enter. */
export const EntryNode = memo(function EntryNode({ data: { axis }, selected }: NodeProps<EntryFlowNode>) {
  const words = useWords();
  const entry = useDescribed((state) => state.described.entry);
  const unset = useDescribed((state) => state.byStep[""]?.some((one) => one.severity === "error" && one.field?.startsWith("entry")) === true);
  const mark = useUi((ui) => ui.marks[ENTRY]);
  const editable = useEditable();
  const used = useOnCanvas().edges.some((edge) => edge.from === ENTRY);
  const empty = useDraft((state) => state.document.steps.length === 0);
  const reachable = useTabStop(ENTRY);
  const line = say(entry.summary) || words("entry.nobody");
  const filter = entry.filter ? say(entry.filter) : "";
  return (
    <div
      className={`step entry${axis.right ? " runs-right" : ""}${selected ? " chosen" : ""}${mark ? ` m-${mark.tone}` : ""}`}
      style={ENTRY_SIZE}
      data-step={ENTRY}
      role="group"
      aria-roledescription={words("board.step")}
      aria-label={[words("entry.title"), plain(line), plain(filter)].filter(Boolean).join(", ")}
      tabIndex={reachable ? 0 : -1}
    >
      <div className="step-body">
        <span className="tile">
          <LogIn aria-hidden="true" />
        </span>
        <div className="step-words">
          <div className="step-name">
            <strong>{words("entry.title")}</strong>
            {unset ? <span className="dot-trouble" /> : null}
          </div>
          <p className={unset ? "unset" : undefined} title={plain(filter ? `${line} · ${filter}` : line)}>
            <Emphasised text={line} />
            {filter ? (
              <>
                {" · "}
                <Emphasised text={filter} />
              </>
            ) : null}
          </p>
        </div>
      </div>
      <Handle type="source" position={sidesOf(axis).out} id="next" data-port="next" className={`port${used ? "" : " port-needed"}`} aria-hidden="true" />
      {editable && !used ? (
        <span className={`stub nodrag${empty ? " first" : ""}`}>
          <button
            type="button"
            tabIndex={empty ? 0 : -1}
            className={empty ? "button primary" : "plus"}
            title={words("board.add_first")}
            aria-label={words("board.add_first")}
            onClick={(event) => pickAt(event.currentTarget, { after: { id: ENTRY, port: "next" } })}
          >
            <Plus aria-hidden="true" />
            {empty ? words("board.add_first") : null}
          </button>
          {empty ? <span className="first-hint">{words("board.first_hint")}</span> : null}
        </span>
      ) : null}
    </div>
  );
});
