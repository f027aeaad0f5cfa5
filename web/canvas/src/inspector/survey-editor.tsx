/** The settings of a survey step: the survey, the ports of its answers, how long it waits, and the message that asks. */

import { useNames } from "@/document/names";
import type { Json } from "@/document/types";
import type { StepEditorProps } from "@/forms/editors";
import { SchemaField } from "@/forms/fields";
import { MessageEditor } from "@/messages/editor";
import { withMember } from "@/forms/paths";

const ASKED = "survey";
const FIRST = [ASKED, "groups", "window"];
const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Choosing a survey brings its answer groups, and its prepared message as long as that was not edited. */
export function SurveyEditor(props: StepEditorProps) {
  const { step, root, change } = props;
  const surveys = useNames((names) => names.surveys);
  const settings = step.settings;
  const put = (name: string, value: Json | undefined): void => {
    const chosen = name === ASKED ? surveys.find((one) => one.key === value) : undefined;
    const untouched = surveys.some((one) => same(one.content, settings.content));
    change({
      ...withMember(settings, name, value),
      ...(chosen ? { groups: chosen.groups } : {}),
      ...(chosen && untouched ? { content: chosen.content } : {}),
    });
  };
  return (
    <>
      {FIRST.map((name) => (
        <SchemaField
          key={name}
          schema={root.properties?.[name] ?? {}}
          root={root}
          path={["settings", name]}
          value={settings[name]}
          change={(next) => put(name, next)}
        />
      ))}
      <MessageEditor {...props} skip={FIRST} />
    </>
  );
}
