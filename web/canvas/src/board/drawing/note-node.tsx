import { type NodeProps, NodeResizeControl } from "@xyflow/react";
import { memo, useEffect, useRef, useState } from "react";
import { beginGesture, useDraft } from "@/document/draft";
import type { Note } from "@/document/types";
import { useWords } from "@/words";
import { useEditable } from "@/board/flow";
import type { NoteFlowNode } from "./scene";
import "./note-node.css";

const change = (id: string, part: Partial<Note>): void =>
  useDraft.getState().edit((now) => ({
    ...now,
    layout: { ...now.layout, notes: (now.layout?.notes ?? []).map((note) => (note.id === id ? { ...note, ...part } : note)) },
  }));

/** A note for those who work on the journey. Double click or Enter writes in it. */
export const NoteNode = memo(function NoteNode({ data, selected }: NodeProps<NoteFlowNode>) {
  const { note } = data;
  const words = useWords();
  const editable = useEditable();
  const [writing, setWriting] = useState(note.text === "" && selected === true);
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    if (!writing) return;
    field.current?.focus();
    return beginGesture();
  }, [writing]);
  const shown = writing && editable;
  return (
    <div className={`note${selected ? " chosen" : ""}`} data-note={note.id} onDoubleClick={() => setWriting(true)}>
      {shown ? (
        <textarea
          ref={field}
          className="nodrag nowheel"
          value={note.text}
          maxLength={10_000}
          aria-label={words("note.title")}
          placeholder={words("note.placeholder")}
          onChange={(event) => change(note.id, { text: event.target.value })}
          onBlur={() => setWriting(false)}
          onKeyDown={(event) => {
            if (event.key === "Escape") setWriting(false);
            event.stopPropagation();
          }}
        />
      ) : (
        <button type="button" className="note-text" onKeyDown={(event) => event.key === "Enter" && setWriting(true)} tabIndex={0} aria-label={`${words("note.title")}: ${note.text}`}>
          {note.text || words("note.placeholder")}
        </button>
      )}
      {editable && selected ? (
        <NodeResizeControl
          minWidth={120}
          minHeight={56}
          className="note-grip nodrag"
          onResizeEnd={(_, { width, height }) => change(note.id, { width: Math.round(width), height: Math.round(height) })}
        />
      ) : null}
    </div>
  );
});
