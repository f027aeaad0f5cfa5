/** Editors made by hand, which forms find through this context: a form knows none of them, and each of them may hold a form. */

import { createContext, type ReactNode, useContext } from "react";
import type { JsonObject, StepNode, StepType } from "@/document/types";
import type { FieldProps } from "./context";
import type { Schema } from "./schema";

/** A field's editor. `optional`: it may be null, which an empty field means. */
export type EditorProps = FieldProps & { optional: boolean };
/** A list's editor. `item`: the schema of one entry. */
export type ListEditorProps = FieldProps & { item: Schema };
/** What the form of a whole step is given. */
export type StepEditorProps = { step: StepNode; type: StepType; root: Schema; change: (settings: JsonObject) => void };

export type Editors = {
  /** By the `x-editor` of a field's schema. */
  fields: Readonly<Record<string, (props: EditorProps) => ReactNode>>;
  /** For lists whose entries need more than a form each. */
  lists: readonly { fits: (item: Schema) => boolean; Editor: (props: ListEditorProps) => ReactNode }[];
};

export const EditorsContext = createContext<Editors>({ fields: {}, lists: [] });
export const useEditors = (): Editors => useContext(EditorsContext);
