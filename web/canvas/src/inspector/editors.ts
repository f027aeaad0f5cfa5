/** The registry of editors made by hand: the only file of the canvas that may name a kind of step. */

import type { ReactNode } from "react";
import { ConditionField } from "@/conditions/editor";
import { ContentField } from "@/messages/content-field";
import { DelayEditor } from "./delay-editor";
import { ExperimentEditor } from "./experiment-editor";
import type { EditorProps, Editors, StepEditorProps } from "@/forms/editors";
import { MapField } from "@/forms/fields";
import { PictureField } from "@/media/picture-field";
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
  SecretField,
  SegmentField,
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

/** By the `x-editor` of a field's schema. */
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
  picture: PictureField,
  port: PortField,
  property_name: PropertyNameField,
  secret: SecretField,
  segment: SegmentField,
  step_id: StepIdField,
  survey: SurveyField,
  tags: TagsField,
  template: TemplateField,
  value: ValueField,
  value_map: ValueMapField,
};

/** Values of `x-editor` for which the schema's own shape is enough. */
export const PLAIN_EDITORS: readonly string[] = ["date", "duration", "time"];

/** Kinds of step whose settings have a form made by hand; all others get one from their schema. */
export const STEP_EDITORS: Readonly<Record<string, (props: StepEditorProps) => ReactNode>> = {
  delay: DelayEditor,
  experiment: ExperimentEditor,
  message: MessageEditor,
  survey: SurveyEditor,
};

/** What forms of a journey and of a template are drawn with. */
export const EDITORS: Editors = { fields: FIELD_EDITORS, lists: [{ fits: isPortItem, Editor: PortList }] };
