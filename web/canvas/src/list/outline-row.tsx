/** One row of the outline. */

import { ArrowDown, ArrowUp, ChevronRight, CircleAlert, CornerDownRight, CornerUpLeft, LogIn, Plus, Split, Trash2, TriangleAlert, Unplug } from "lucide-react";
import { memo } from "react";
import { remove } from "@/board/actions";
import { pickAt } from "@/board/picker-state";
import { useDescribed } from "@/document/described";
import { stageOf } from "@/document/lanes";
import { useStepTypes } from "@/document/step-types";
import { own } from "@/document/table";
import { type JourneyDocument, STAGES } from "@/document/types";
import { EdgeCount } from "@/live/counts";
import { CardFigures } from "@/performance/card-figures";
import { stepTitle, titleOf } from "@/document/titles";
import { Emphasised } from "@/ui/emphasised";
import { NamedIcon } from "@/ui/icon";
import { useUi } from "@/ui/state";
import { inLocale, say, useWords } from "@/words";
import { addAt, moveRow } from "./row-actions";
import type { Moves } from "./move";
import type { Row } from "./outline";

const DEEPEST = 12;
const INDENT = 20;

type Props = {
  row: Row;
  document: JourneyDocument;
  current: boolean;
  selected: boolean;
  folded: boolean;
  fold: (id: string, closed: boolean) => void;
  editable: boolean;
  live: boolean;
  moves: Moves | undefined;
  index: number;
  choose: (row: Row) => void;
};

export const OutlineRow = memo(function OutlineRow(props: Props) {
  const { row, current, selected, folded, editable, live, index, choose } = props;
  const branches = row.kind === "step" && row.ports.length > 1;
  const mark = useUi((ui) => (row.kind === "step" || row.kind === "entry" ? own(ui.marks, row.id) : undefined));
  return (
    <tr
      role="row"
      data-row={row.id}
      className={`o-${row.kind} ${mark ? `m-${mark.tone}` : ""}`}
      aria-rowindex={index + 2}
      aria-level={row.depth + 1}
      aria-selected={selected}
      aria-expanded={branches ? !folded : undefined}
      tabIndex={current ? 0 : -1}
      onClick={() => choose(row)}
    >
      <td role="gridcell">
        <div className="o-name" style={{ paddingLeft: Math.min(row.depth, DEEPEST) * INDENT }}>
          <Name {...props} branches={branches} />
        </div>
      </td>
      <td role="gridcell" className="o-summary">
        <Summary row={row} />
      </td>
      <td role="gridcell">{row.kind === "step" && <StageBadge stage={stageOf(row.step)} />}</td>
      {live && (
        <td role="gridcell" onClick={(event) => event.stopPropagation()}>
          {row.kind === "step" && <CardFigures id={row.id} />}
          {row.kind === "entry" && <EdgeCount from="entry" port="next" />}
          {row.kind === "link" && row.via.port !== "" && <EdgeCount from={row.via.from} port={row.via.port} />}
        </td>
      )}
      {editable && (
        <td role="gridcell" onClick={(event) => event.stopPropagation()}>
          <Actions row={row} moves={props.moves} />
        </td>
      )}
    </tr>
  );
});

function Name({ row, document, branches, folded, fold }: Props & { branches: boolean }) {
  const words = useWords();
  const branch = "branch" in row && row.branch ? <span className="o-branch"><Emphasised text={say(row.branch.label)} /></span> : null;
  switch (row.kind) {
    case "entry":
      return (
        <>
          <span className="o-tile"><LogIn aria-hidden size={16} /></span>
          <strong>{words("entry.title")}</strong>
        </>
      );
    case "loose":
      return (
        <>
          <span className="o-tile"><Unplug aria-hidden size={16} /></span>
          <strong>{words("list.loose")}</strong>
        </>
      );
    case "link":
      return (
        <>
          {branch}
          <CornerUpLeft aria-hidden size={14} />
          <span className="o-link">{words("list.goes_on", { step: stepTitle(document, row.to) })}</span>
        </>
      );
    case "open":
      return (
        <>
          {branch}
          <CornerDownRight aria-hidden size={14} />
          <span className={row.required ? "l-trouble" : "soft"}>{words(row.required ? "list.open" : "list.open_optional")}</span>
        </>
      );
    case "step":
      return (
        <>
          {branch}
          {branches && (
            <button
              type="button"
              tabIndex={-1}
              className={`o-fold ${folded ? "" : "open"}`}
              aria-label={words(folded ? "list.unfold" : "list.fold")}
              onClick={(event) => {
                event.stopPropagation();
                fold(row.id, !folded);
              }}
            >
              <ChevronRight aria-hidden size={14} />
            </button>
          )}
          <StepName row={row} />
        </>
      );
  }
}

function StepName({ row }: { row: Extract<Row, { kind: "step" }> }) {
  const type = useStepTypes((state) => state.types[row.step.kind]);
  const own = inLocale(row.step.label);
  const kind = type ? say(type.title) : row.step.kind;
  return (
    <>
      <span className={`o-tile f-${type?.family ?? "action"} s-${stageOf(row.step) ?? ""}`}>
        <NamedIcon name={type?.icon ?? "circle-dot"} />
      </span>
      <strong>{titleOf(row.step)}</strong>
      {own && <span className="faint">{kind}</span>}
      <ProblemMark id={row.id} />
    </>
  );
}

function ProblemMark({ id }: { id: string }) {
  const problems = useDescribed((state) => state.byStep[id]);
  const drawing = useUi((ui) => ui.shown === null && ui.mode !== "live");
  if (!problems?.length || !drawing) return null;
  const error = problems.some((problem) => problem.severity === "error");
  const text = problems.map((problem) => say(problem.text)).join("\n");
  return (
    <span className={`o-problem ${error ? "error" : "warning"}`} title={text} role="img" aria-label={text}>
      {error ? <CircleAlert aria-hidden size={14} /> : <TriangleAlert aria-hidden size={14} />}
    </span>
  );
}

function Summary({ row }: { row: Row }) {
  const entry = useDescribed((state) => state.described.entry);
  const summary = useDescribed((state) => (row.kind === "step" ? state.described.steps[row.id]?.summary : undefined));
  if (row.kind === "entry") {
    return (
      <>
        <Emphasised text={say(entry.summary)} />
        {entry.filter && (
          <>
            {" · "}
            <Emphasised text={say(entry.filter)} />
          </>
        )}
      </>
    );
  }
  return summary ? <Emphasised text={say(summary)} /> : null;
}

function StageBadge({ stage }: { stage: (typeof STAGES)[number] | null }) {
  const words = useWords();
  return <span className={`stage s-${stage ?? ""}`}>{words(`stage.${stage ?? "none"}`)}</span>;
}

function Actions({ row, moves }: { row: Row; moves: Moves | undefined }) {
  const words = useWords();
  if (row.kind === "loose") return null;
  const add = row.kind === "entry" || row.kind === "open" || (row.kind === "step" && row.ports.length === 1);
  const before = row.kind === "step" && row.branch && row.via ? row.via : null;
  return (
    <div className="o-do">
      {before && (
        <button
          type="button"
          className="p-button"
          title={words("list.add_before")}
          aria-label={words("list.add_before")}
          onClick={(event) => pickAt(event.currentTarget, { after: { id: before.from, port: before.port } })}
        >
          <CornerDownRight aria-hidden size={14} />
        </button>
      )}
      {row.kind === "step" &&
        row.spare.map((port) => {
          const label = words("list.add_way", { way: say(port.label).replaceAll("*", "") });
          return (
            <button
              key={port.name}
              type="button"
              className="p-button"
              title={label}
              aria-label={label}
              onClick={(event) => pickAt(event.currentTarget, { after: { id: row.id, port: port.name } })}
            >
              <Split aria-hidden size={14} />
            </button>
          );
        })}
      {row.kind === "step" && (
        <>
          <Move id={row.id} by={-1} can={moves?.up ?? false} />
          <Move id={row.id} by={1} can={moves?.down ?? false} />
          <button type="button" className="p-button" title={words("list.remove")} aria-label={words("list.remove")} onClick={() => remove([row.id])}>
            <Trash2 aria-hidden size={14} />
          </button>
        </>
      )}
      {add && (
        <button type="button" className="p-button accent" data-add title={words("list.add")} aria-label={words("list.add")} onClick={(event) => addAt(event.currentTarget, row)}>
          <Plus aria-hidden size={14} />
        </button>
      )}
    </div>
  );
}

function Move({ id, by, can }: { id: string; by: -1 | 1; can: boolean }) {
  const words = useWords();
  const label = words(by < 0 ? "list.up" : "list.down");
  return (
    <button type="button" className="p-button" data-move title={label} aria-label={label} disabled={!can} onClick={() => moveRow(id, by)}>
      {by < 0 ? <ArrowUp aria-hidden size={14} /> : <ArrowDown aria-hidden size={14} />}
    </button>
  );
}
