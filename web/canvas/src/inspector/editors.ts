/** The single registry of hand-made editors: the only place of the canvas that may name a kind of step. */

import type { ReactNode } from "react";
import { ConditionField } from "@/conditions/editor";
import { ContentField } from "@/messages/content-field";
import { DelayEditor } from "./delay-editor";
import { ExperimentEditor } from "./experiment-editor";
import type { EditorProps, Editors, StepEditorProps } from "@/forms/editors";
import { MapField } from "@/forms/fields";
import { MessageEditor } from "@/messages/editor";
import { MessageTemplateField } from "@/messages/template-choice";
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
import { SurveyEditor } from "./survey-editor";
import { TemplateField } from "@/messages/text-field";
import { isPortItem, PortField, PortList } from "./port-list";

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

/** Kinds of step whose settings have a form of their own; all others get one out of their schema. */
export const STEP_EDITORS: Readonly<Record<string, (props: StepEditorProps) => ReactNode>> = {
  delay: DelayEditor,
  experiment: ExperimentEditor,
  message: MessageEditor,
  survey: SurveyEditor,
};

/** What forms of a journey and of a template are drawn with. */
export const EDITORS: Editors = { fields: FIELD_EDITORS, lists: [{ fits: isPortItem, Editor: PortList }] };
