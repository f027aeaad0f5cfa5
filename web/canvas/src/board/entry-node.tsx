import { Handle, type NodeProps, Position } from "@xyflow/react";
import { LogIn, Plus } from "lucide-react";
import { memo } from "react";
import { useDescribed } from "@/document/described";
import { ENTRY_SIZE } from "@/document/size";
import { useDraft } from "@/document/store";
import { ENTRY } from "@/document/types";
import { Emphasised } from "@/shell/emphasised";
import { useUi } from "@/ui/state";
import { say, useWords } from "@/words";
import { useEditable, useOnCanvas } from "./flow";
import { pickAt } from "./picker-state";
import type { EntryFlowNode } from "./scene";
import { useWayStop } from "./tab-stop";
import { plain } from "./titles";

/** Where customers come in, and who. */
export const EntryNode = memo(function EntryNode({ selected }: NodeProps<EntryFlowNode>) {
  const words = useWords();
  const entry = useDescribed((state) => state.described.entry);
  const unset = useDescribed((state) => state.byStep[""]?.some((one) => one.severity === "error" && one.field?.startsWith("entry")) === true);
  const mark = useUi((ui) => ui.marks[ENTRY]);
  const editable = useEditable();
  const used = useOnCanvas().edges.some((edge) => edge.from === ENTRY);
  const empty = useDraft((state) => state.document.steps.length === 0);
  const reachable = useWayStop(ENTRY);
  const line = say(entry.summary) || words("entry.nobody");
  const filter = entry.filter ? say(entry.filter) : "";
  return (
    <div
      className={`step entry${selected ? " chosen" : ""}${mark ? ` m-${mark.tone}` : ""}`}
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
            <Emphasised line={line} />
            {filter ? (
              <>
                {" · "}
                <Emphasised line={filter} />
              </>
            ) : null}
          </p>
        </div>
      </div>
      <Handle type="source" position={Position.Bottom} id="next" data-port="next" className={`way${used ? "" : " way-needed"}`} aria-hidden="true" />
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
