/** What a form's fields have in common: the step, its problems, and the events that conditions refer to. */

import { createContext, useContext, useEffect, useRef } from "react";
import type { Json, JsonObject, Text } from "@/document/types";
import { beginGesture } from "@/document/draft";
import { setTyping } from "./buffered";
import type { Path } from "./paths";
import type { Schema } from "./schema";

/** A problem as forms show it: of a journey, or of a template. */
export type FieldProblem = { code: string; severity: string; field: string | null; parameters: JsonObject; message: string; text: Text };

export type FormScope = {
  /** The step that is edited; null: the journey itself. */
  step: string | null;
  readOnly: boolean;
  problems: readonly FieldProblem[];
  /** Names of the events whose properties conditions here may ask for. */
  events: readonly string[];
};

export const FormContext = createContext<FormScope>({ step: null, readOnly: true, problems: [], events: [] });
export const useFormContext = (): FormScope => useContext(FormContext);

/** Props of every field. `beside`: the object that the field is a member of, for editors that depend on another member. */
export type FieldProps = {
  schema: Schema;
  root: Schema;
  path: Path;
  value: Json | undefined;
  change: (value: Json | undefined) => void;
  required?: boolean;
  beside?: { schema: Schema; value: Json | undefined };
  /** Changes several members of that object at once. */
  changeBeside?: (members: JsonObject) => void;
  /** Words of its own instead of the schema's label. */
  label?: string;
};

/** Attributes that connect a control with its label, help and problems. */
export type ControlProps = { id: string; "aria-describedby"?: string; "aria-invalid"?: boolean };

/** Makes all typing in a field until it is left one step of undo. */
export function useGesture(): { onFocus: () => void; onBlur: () => void } {
  const end = useRef<(() => void) | null>(null);
  const finish = (): void => {
    if (!end.current) return;
    setTyping(false); // what is still buffered belongs to this step of undo
    end.current();
    end.current = null;
  };
  useEffect(() => finish, []);
  return {
    onFocus: () => {
      finish();
      end.current = beginGesture();
      setTyping(true);
    },
    onBlur: finish,
  };
}
