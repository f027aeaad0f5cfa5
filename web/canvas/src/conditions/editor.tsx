/** The editor of a condition: sentences in groups, with pickers. Below it the server's own words for it. */

import { ChevronDown, ChevronUp, Group as GroupIcon, Plus, Trash2, Ungroup, Users } from "lucide-react";
import type { Json } from "@/document/types";
import { Emphasised } from "@/ui/emphasised";
import { say, useWords } from "@/words";
import { ConditionLeaf, type TreeProps } from "./leaf";
import {
  added,
  changed,
  grouped,
  type Group,
  isGroup,
  MODES,
  type Mode,
  type Node,
  type Place,
  rootOf,
  shifted,
  toFile,
  ungrouped,
} from "./tree";
import { type ConditionVocabulary, newLeaf, useConditionVocabulary } from "./vocabulary";
import { Select } from "@/forms/controls";
import type { EditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { useFormContext } from "@/forms/context";
import { usePreview } from "@/previews/use-preview";
import { WideButton } from "@/forms/wide-button";
import "./conditions.css";

/** Where only the event is known, only its properties can be asked for. */
const OF_THE_EVENT = "where";
const DEEPEST = 4;

export function ConditionField(props: EditorProps) {
  const field = useFieldWords(props, true);
  const isEmpty = rootOf(props.value).parts.length === 0;
  return (
    <div className="in-condition-field">
      <FieldFrame {...field} group aside={isEmpty ? null : <WideButton />}>
        {() => (
          <>
            <ConditionTree
              value={props.value}
              change={props.change}
              optional={props.optional}
              onlyEvent={props.path.at(-1) === OF_THE_EVENT}
              label={field.label}
            />
            <Sentence value={props.value} hideErrors={field.problems.some((one) => one.severity === "error")} />
          </>
        )}
      </FieldFrame>
    </div>
  );
}

/** The tree alone, also for a condition inside of a sentence. */
export function ConditionTree({
  value,
  change,
  optional,
  onlyEvent,
  onlyCustomer = false,
  label,
}: TreeProps) {
  const vocabulary = useConditionVocabulary();
  const { readOnly } = useFormContext();
  if (!vocabulary) return null;
  const root = rootOf(value);
  const put = (next: Group): void => change(toFile(next, optional));
  return <GroupBox vocabulary={vocabulary} root={root} place={[]} group={root} put={put} onlyEvent={onlyEvent} onlyCustomer={onlyCustomer} readOnly={readOnly} label={label} />;
}

type Drawn = {
  vocabulary: ConditionVocabulary;
  root: Group;
  place: Place;
  put: (root: Group) => void;
  onlyEvent: boolean;
  onlyCustomer: boolean;
  readOnly: boolean;
  label: string;
};

function GroupBox({ group, ...drawn }: Drawn & { group: Group }) {
  const words = useWords();
  const { vocabulary, root, place, put, onlyEvent, onlyCustomer, readOnly, label } = drawn;
  const leaves = vocabulary.leaves.filter((one) => (one.scope === "event" ? !onlyCustomer : !onlyEvent));
  const first = leaves[0];
  const title = (mode: Mode): string => {
    const own = vocabulary.groups.find((one) => one.kind === mode);
    return own ? say(own.title) : words(mode === "none" ? "condition.none" : "condition.not_all");
  };
  const add = (node: Node): void => put(added(root, place, node));
  const isRoot = place.length === 0;
  return (
    <div
      className="in-group"
      role="group"
      aria-label={isRoot ? label : `${label} ${place.map((n) => n + 1).join(".")}`}
      data-mode={group.mode}
      data-place={place.join(".")}
    >
      {group.parts.length > 1 || !isRoot || group.mode !== "all" ? (
        <div className="in-group-head">
          <Select
            className="in-mode"
            label={words("condition.mode")}
            readOnly={readOnly}
            value={group.mode}
            options={MODES.map((mode) => ({ value: mode, label: title(mode) }))}
            change={(mode) => put(changed(root, place, (node) => (isGroup(node) ? { ...node, mode: mode as Mode } : node)))}
          />
          {isRoot ? null : <Tools {...drawn} isGroup />}
        </div>
      ) : null}
      {group.parts.map((part, n) => {
        const at = [...place, n];
        return isGroup(part) ? (
          <GroupBox key={n} {...drawn} place={at} group={part} />
        ) : (
          <div
            className="in-leaf"
            key={n}
            role="group"
            aria-label={words("condition.number", { n: at.map((one) => one + 1).join(".") })}
            data-place={at.join(".")}
          >
            <ConditionLeaf
              vocabulary={vocabulary}
              Tree={ConditionTree}
              leaves={leaves}
              leaf={part.leaf}
              readOnly={readOnly}
              change={(leaf) => put(changed(root, at, () => ({ leaf })))}
              tools={<Tools {...drawn} place={at} isGroup={false} />}
            />
          </div>
        );
      })}
      {readOnly || !first ? null : (
        <div className="in-adds">
          <button type="button" className="in-add" onClick={() => add({ leaf: newLeaf(first.schema) })}>
            <Plus aria-hidden size={14} />
            {words("condition.add")}
          </button>
          {group.parts.length > 0 && place.length < DEEPEST ? (
            <button
              type="button"
              className="in-add"
              onClick={() => add({ mode: group.mode === "any" ? "all" : "any", parts: [{ leaf: newLeaf(first.schema) }] })}
            >
              <Plus aria-hidden size={14} />
              {words("condition.add_group")}
            </button>
          ) : null}
        </div>
      )}
    </div>
  );
}

/** Moves, groups and deletes a node. The pressed button keeps the focus in the node's new place. */
function Tools({ root, place, put, readOnly, isGroup: ofGroup }: Drawn & { isGroup: boolean }) {
  const words = useWords();
  if (readOnly) return null;
  const n = place.at(-1) ?? 0;
  const parent = place.slice(0, -1).reduce<Node | undefined>((node, m) => (node && isGroup(node) ? node.parts[m] : undefined), root);
  const count = parent && isGroup(parent) ? parent.parts.length : 1;
  const move = (by: 1 | -1, button: HTMLElement): void => {
    const box = button.closest(".in-condition-field");
    const to = [...place.slice(0, -1), n + by].join(".");
    put(shifted(root, place, by));
    requestAnimationFrame(() => box?.querySelector<HTMLElement>(`[data-place="${to}"] [data-tool="${by}"]`)?.focus());
  };
  return (
    <span className="in-card-tools">
      {count > 1 ? (
        <>
          <button
            type="button"
            className="in-icon"
            data-tool="-1"
            aria-disabled={n === 0}
            aria-label={words("inspector.up")}
            title={words("inspector.up")}
            onClick={(event) => n > 0 && move(-1, event.currentTarget)}
          >
            <ChevronUp aria-hidden size={14} />
          </button>
          <button
            type="button"
            className="in-icon"
            data-tool="1"
            aria-disabled={n === count - 1}
            aria-label={words("inspector.down")}
            title={words("inspector.down")}
            onClick={(event) => n < count - 1 && move(1, event.currentTarget)}
          >
            <ChevronDown aria-hidden size={14} />
          </button>
        </>
      ) : null}
      {ofGroup ? (
        <button
          type="button"
          className="in-icon"
          aria-label={words("condition.ungroup")}
          title={words("condition.ungroup")}
          onClick={() => put(ungrouped(root, place))}
        >
          <Ungroup aria-hidden size={14} />
        </button>
      ) : place.length < DEEPEST ? (
        <button
          type="button"
          className="in-icon"
          aria-label={words("condition.group")}
          title={words("condition.group")}
          onClick={() => put(grouped(root, place, "any"))}
        >
          <GroupIcon aria-hidden size={14} />
        </button>
      ) : null}
      <button
        type="button"
        className="in-icon"
        aria-label={words("inspector.remove")}
        title={words("inspector.remove")}
        onClick={() => put(changed(root, place, () => null))}
      >
        <Trash2 aria-hidden size={14} />
      </button>
    </span>
  );
}

/** The condition in the server's words, and how many customers meet it now. `hideErrors`: the field shows them already. */
function Sentence({ value, hideErrors }: { value: Json | undefined; hideErrors: boolean }) {
  const words = useWords();
  const asked = rootOf(value).parts.length > 0 ? { condition: value } : null;
  const { data, problem, pending } = usePreview("/api/previews/condition", asked);
  if (asked === null) return null;
  const wrong = data?.problems.find((one) => one.severity === "error");
  return (
    <p className="in-sentence" aria-live="polite" data-pending={pending || undefined}>
      {data ? <Emphasised text={say(data.text)} /> : problem ? <span className="in-faint">{words("condition.unfinished")}</span> : null}
      {wrong && !hideErrors ? <span className="in-wrong">{say(wrong.text)}</span> : null}
      {data?.too_slow ? <span className="in-faint">{words("condition.too_slow")}</span> : null}
      {data?.customers !== null && data?.customers !== undefined ? (
        <span className="in-count">
          <Users aria-hidden size={14} />
          {words("condition.customers", { count: data.customers })}
        </span>
      ) : null}
    </p>
  );
}
