import { Handle, type NodeProps } from "@xyflow/react";
import { CircleAlert, Plus, TriangleAlert } from "lucide-react";
import { memo } from "react";
import { useDescribed } from "@/document/described";
import { stageOf } from "@/document/lanes";
import type { Axis } from "@/document/axis";
import { portAt, showsPorts } from "@/document/size";
import { useStepTypes } from "@/document/step-types";
import { useDraft } from "@/document/draft";
import { own } from "@/document/table";
import type { Port, Problem, StepNode as Step, Text } from "@/document/types";
import { portOf } from "@/document/edit";
import { CardFigures } from "@/performance/card-figures";
import { CommentBadge } from "@/teamwork/comment-badge";
import { Emphasised } from "@/ui/emphasised";
import { NamedIcon } from "@/ui/icon";
import { useUi } from "@/ui/state";
import { inLocale, say, useWords } from "@/words";
import { useEditable } from "@/board/flow";
import { pickAt } from "@/board/picker-state";
import { sidesOf, type StepFlowNode } from "./scene";
import { useTabStop } from "./tab-stop";
import { plain } from "@/document/titles";
import "./tile.css";
import "./step-node.css";
import "./marks.css";
import "./ports.css";

const NO_PROBLEMS: Problem[] = [];
const NO_WORDS: Text = { en: "", ko: "" };

/** The card of a step: kind, title, one line on what it does, ports. */
export const StepNode = memo(function StepNode({ id, data, selected }: NodeProps<StepFlowNode>) {
  const { step, ports, size, axis } = data;
  const sides = sidesOf(axis);
  const words = useWords();
  const type = useStepTypes((state) => state.types[step.kind]);
  const summary = useDescribed((state) => state.described.steps[id]?.summary) ?? type?.summary ?? NO_WORDS;
  const problems = useDescribed((state) => state.byStep[id]) ?? NO_PROBLEMS;
  const mark = useUi((ui) => own(ui.marks, id));
  const live = useUi((ui) => ui.mode === "live" || ui.mode === "path");
  const problemsShown = useUi((ui) => ui.shown === null && ui.mode !== "live");
  const reachable = useTabStop(id);
  const kind = type ? say(type.title) : step.kind;
  const title = inLocale(step.label);
  const line = say(summary);
  const shown = problemsShown ? problems : NO_PROBLEMS;
  const classes = ["step", axis.right && "runs-right", `f-${type?.family ?? "action"}`, `s-${stageOf(step) ?? ""}`, selected && "chosen", mark && `m-${mark.tone}`];
  const description = [kind, title, plain(line), shown.length ? words("board.problems", { count: shown.length }) : "", mark ? words(`mark.${mark.tone}`) : ""];
  return (
    <div
      className={classes.filter(Boolean).join(" ")}
      style={{ width: size.width, height: size.height }}
      data-step={id}
      role="group"
      aria-roledescription={words("board.step")}
      aria-label={description.filter(Boolean).join(", ")}
      tabIndex={reachable ? 0 : -1}
    >
      <Handle type="target" position={sides.in} id="in" className="port-in" aria-hidden="true" />
      <div className="step-body">
        <span className="tile">
          <NamedIcon name={type?.icon ?? "circle-dot"} />
        </span>
        <div className="step-words">
          <div className="step-name">
            <strong title={title || kind}>{title || kind}</strong>
            {title ? <span className="step-kind">{kind}</span> : null}
            <CommentBadge step={id} />
            <Badge problems={shown} />
          </div>
          <p title={plain(line)}>
            <Emphasised text={line} />
          </p>
        </div>
      </div>
      {showsPorts(ports) ? (
        <ul className="ports" aria-hidden="true">
          {ports.map((port) => (
            <li key={port.name} title={plain(say(port.label))}>
              <Emphasised text={say(port.label)} />
            </li>
          ))}
        </ul>
      ) : null}
      {ports.map((port, n) => (
        <PortHandle key={port.name} step={step} port={port} axis={axis} at={portAt(size, ports.length, n, axis)[axis.aside]} />
      ))}
      {ports.length === 0 ? <Handle type="source" position={sides.jump} id="jump" className="port-jump" isConnectable={false} aria-hidden="true" /> : null}
      {live ? (
        <div className="step-live">
          <CardFigures id={id} />
        </div>
      ) : null}
      {mark?.order !== undefined ? <span className="order">{mark.order}</span> : null}
    </div>
  );
});

/** The handle from which a port's edge is drawn; while there is none, with a "+" that adds a step. */
function PortHandle({ step, port, axis, at }: { step: Step; port: Port; axis: Axis; at: number }) {
  const words = useWords();
  const editable = useEditable();
  const open = useUi((ui) => ui.shown === null) && editable;
  const used = useDraft((state) => state.document.edges.some((edge) => edge.from === step.id && portOf(edge) === port.name));
  const place = axis.right ? { top: at } : { left: at };
  const label = words("board.add_after", { port: plain(say(port.label)) });
  return (
    <>
      <Handle
        type="source"
        position={sidesOf(axis).out}
        id={port.name}
        data-port={port.name}
        className={`port${port.required && !used ? " port-needed" : ""}`}
        style={place}
        title={plain(say(port.label))}
        aria-hidden="true"
      />
      {open && !used ? (
        <span className="stub nodrag" data-port={port.name} style={place}>
          <button
            type="button"
            tabIndex={-1}
            className="plus"
            title={label}
            aria-label={label}
            onClick={(event) => pickAt(event.currentTarget, { after: { id: step.id, port: port.name } })}
          >
            <Plus aria-hidden="true" />
          </button>
        </span>
      ) : null}
    </>
  );
}

function Badge({ problems }: { problems: Problem[] }) {
  const words = useWords();
  if (problems.length === 0) return null;
  const error = problems.some((problem) => problem.severity === "error");
  const text = problems.map((problem) => say(problem.text)).join("\n");
  const description = problems.length > 1 ? `${words("board.problems", { count: problems.length })}: ${text}` : text;
  return (
    <button
      type="button"
      tabIndex={-1}
      className={`step-problem nodrag ${error ? "error" : "warning"}`}
      title={text}
      aria-label={description}
      onClick={() => useUi.getState().set({ panel: "problems" })}
    >
      {error ? <CircleAlert aria-hidden="true" /> : <TriangleAlert aria-hidden="true" />}
      {problems.length > 1 ? problems.length : null}
    </button>
  );
}
