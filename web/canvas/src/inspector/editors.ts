/** The single registry of hand-made editors: the only place of the canvas that may name a kind of step. */

import type { ReactNode } from "react";
import type { JsonObject, StepNode, StepType } from "@/document/types";
import { ConditionField } from "./condition-editor";
import { ContentField } from "./content-field";
import { DelayEditor } from "./delay-editor";
import { ExperimentEditor } from "./experiment-editor";
import type { FieldProps } from "./form-place";
import { MapField } from "./map-field";
import { MessageEditor } from "./message-editor";
import { MessageTemplateField } from "./message-template";
import {
  AttributeNameField,
  CouponPoolField,
  CurrencyField,
  EventNameField,
  JourneyKeyField,
  LocalTextField,
  PropertyNameField,
  StepIdField,
  SurveyField,
  TagsField,
  ValueField,
} from "./name-fields";
import type { Schema } from "./schema";
import { SurveyEditor } from "./survey-editor";
import { TemplateField } from "./template-field";
import { PortField } from "./way-list";

/** A field's editor. `optional`: it may be null, which an empty field means. */
export type EditorProps = FieldProps & { optional: boolean };

const ValueMapField = (props: EditorProps): ReactNode => {
  const member = props.schema.additionalProperties;
  return MapField({ ...props, member: typeof member === "object" ? member : {} });
};

/** By what a field's `x-editor` says. */
export const FIELD_EDITORS: Readonly<Record<string, (props: EditorProps) => ReactNode>> = {
  attribute_name: AttributeNameField,
  condition: ConditionField,
  content: ContentField,
  coupon_pool: CouponPoolField,
  currency: CurrencyField,
  event_name: EventNameField,
  journey_key: JourneyKeyField,
  local_text: LocalTextField,
  message_template: MessageTemplateField,
  port: PortField,
  property_name: PropertyNameField,
  step_id: StepIdField,
  survey: SurveyField,
  tags: TagsField,
  template: TemplateField,
  value: ValueField,
  value_map: ValueMapField,
};

/** Those of which the schema's own shape tells enough. */
export const PLAIN_EDITORS: readonly string[] = ["date", "duration", "time"];

/** What the form of a whole step is given. */
export type StepEditorProps = { step: StepNode; type: StepType; root: Schema; change: (settings: JsonObject) => void };

/** Kinds of step whose settings have a form of their own; all others get one out of their schema. */
export const STEP_EDITORS: Readonly<Record<string, (props: StepEditorProps) => ReactNode>> = {
  delay: DelayEditor,
  experiment: ExperimentEditor,
  message: MessageEditor,
  survey: SurveyEditor,
};
