/** The settings of a message: channel, class, content; and a preview beside them. */

import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useState } from "react";
import { useStepTypes } from "@/document/step-types";
import type { Json, JsonObject } from "@/document/types";
import { language, say, useWords } from "@/words";
import { optionsOf, Select } from "@/forms/controls";
import { notShown, OF_TEMPLATES } from "./channels";
import { ContentContext } from "./content-context";
import type { StepEditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { Fields, SchemaField } from "@/forms/fields";
import { useFormContext } from "@/forms/context";
import { isObject, moved, withMember } from "@/forms/paths";
import { MessagePreview } from "./preview";
import { ContentSource } from "./template-choice";
import { type Schema, shapeOf } from "@/forms/schema";
import { WideButton } from "@/forms/wide-button";
import "./messages.css";

const BY_HAND = ["channel", "fallback", "class", "content", "template"];

/** `skip`: settings that a form around this one shows. */
export function MessageEditor({ step, root, change, skip = [] }: StepEditorProps & { skip?: readonly string[] }) {
  const words = useWords();
  const [locale, show] = useState<string>(language());
  const settings = step.settings;
  const path = (name: string) => ["settings", name];
  const schema = (name: string): Schema => root.properties?.[name] ?? {};
  const put = (name: string, value: Json | undefined): void => change(withMember(settings, name, value));
  const channels = [String(settings.channel ?? ""), ...(Array.isArray(settings.fallback) ? settings.fallback.map(String) : [])];
  const known = useStepTypes((state) => state.channels);
  const { readOnly } = useFormContext();
  // Where a channel's owner approves texts, free text is not offered: the words come from a template.
  const approvedOnes = known.filter((one) => one.approved && channels.includes(one.name));
  const approved = approvedOnes[0];
  const source = approved || typeof settings.template === "string" ? "template" : "content";
  const without = [...notShown(known, channels), ...OF_TEMPLATES];
  return (
    <ContentContext.Provider value={{ locale, show, without, approved: approvedOnes.map((one) => one.name) }}>
      <div className="in-message">
        <div className="in-message-form">
          <Channels settings={settings} schema={schema} root={root} put={put} />
          <MessageClassField schema={schema("class")} root={root} value={settings.class} change={(next) => put("class", next)} />
          {approved ? (
            <p className="in-note" role="note">
              {words("message.approved_only", { channel: say(approved.title) })}
            </p>
          ) : (
            <ContentSource settings={settings} change={change} readOnly={readOnly} />
          )}
          <SchemaField
            schema={schema(source)}
            root={root}
            path={path(source)}
            value={settings[source]}
            change={(next) => change(withMember(approved ? withMember(settings, "content", undefined) : settings, source, next))}
          />
          <Fields
            schema={root}
            root={root}
            path={["settings"]}
            value={settings}
            change={(next) => change(isObject(next) ? next : {})}
            skip={[...BY_HAND, ...skip]}
          />
        </div>
        <div className="in-message-preview">
          <div className="in-label-row">
            <h3 className="in-label">{words("message.preview")}</h3>
            <WideButton />
          </div>
          <MessagePreview
            settings={settings}
            channels={channels}
            titles={channelTitles(schema("channel"), root)}
            locale={locale}
            show={show}
          />
        </div>
      </div>
    </ContentContext.Provider>
  );
}

function channelTitles(schema: Schema, root: Schema): { value: string; label: string }[] {
  const shape = shapeOf(schema, root);
  return shape.is === "choice" ? optionsOf(shape.options, shape.schema["x-options"]) : [];
}

/** The channel, and its fallbacks in order. */
function Channels({
  settings,
  schema,
  root,
  put,
}: {
  settings: JsonObject;
  schema: (name: string) => Schema;
  root: Schema;
  put: (name: string, value: Json) => void;
}) {
  const words = useWords();
  const channel = useFieldWords({ schema: schema("channel"), path: ["settings", "channel"] });
  const fallback = useFieldWords({ schema: schema("fallback"), path: ["settings", "fallback"] }, true);
  const options = channelTitles(schema("channel"), root);
  const chosen = String(settings.channel ?? "");
  const list = Array.isArray(settings.fallback) ? settings.fallback.map(String) : [];
  const title = (value: string): string => options.find((one) => one.value === value)?.label ?? value;
  const left = options.filter((one) => one.value !== chosen && !list.includes(one.value));
  return (
    <>
      <FieldFrame {...channel}>
        {(control) => (
          <Select control={control} readOnly={channel.readOnly} value={chosen} options={options} change={(next) => put("channel", next)} />
        )}
      </FieldFrame>
      <FieldFrame {...fallback} group>
        {() => (
          <span className="in-fallback">
            {list.map((one, n) => (
              <span className="in-tag" key={one}>
                <span className="in-rank">{n + 1}</span>
                {title(one)}
                {channel.readOnly ? null : (
                  <>
                    {list.length > 1 ? (
                      <>
                        <button
                          type="button"
                          disabled={n === 0}
                          aria-label={`${words("inspector.up")}: ${title(one)}`}
                          onClick={() => put("fallback", moved(list, n, n - 1))}
                        >
                          <ChevronUp aria-hidden size={12} />
                        </button>
                        <button
                          type="button"
                          disabled={n === list.length - 1}
                          aria-label={`${words("inspector.down")}: ${title(one)}`}
                          onClick={() => put("fallback", moved(list, n, n + 1))}
                        >
                          <ChevronDown aria-hidden size={12} />
                        </button>
                      </>
                    ) : null}
                    <button
                      type="button"
                      aria-label={`${words("inspector.remove")}: ${title(one)}`}
                      onClick={() =>
                        put(
                          "fallback",
                          list.filter((_, m) => m !== n),
                        )
                      }
                    >
                      <X aria-hidden size={12} />
                    </button>
                  </>
                )}
              </span>
            ))}
            {channel.readOnly || left.length === 0 ? null : (
              <Select
                className="in-add-locale"
                label={words("message.add_fallback")}
                readOnly={false}
                value=""
                empty={`+ ${words("message.add_fallback")}`}
                options={left}
                change={(next) => next && put("fallback", [...list, next])}
              />
            )}
          </span>
        )}
      </FieldFrame>
    </>
  );
}

/** The class decides which law applies; its consequences are shown beside it. */
function MessageClassField({
  schema,
  root,
  value,
  change,
}: {
  schema: Schema;
  root: Schema;
  value: Json | undefined;
  change: (value: string) => void;
}) {
  const words = useWords();
  const field = useFieldWords({ schema, path: ["settings", "class"] });
  const shape = shapeOf(schema, root);
  const chosen = String(value ?? schema.default ?? "");
  const options = shape.is === "choice" ? optionsOf(shape.options, shape.schema["x-options"]) : [];
  const law =
    chosen === "advertising"
      ? words("message.law.advertising")
      : chosen === "informational"
        ? words("message.law.informational")
        : undefined;
  return (
    <FieldFrame {...field} help={law} group>
      {() => (
        <span className="in-segments" role="group" aria-label={field.label}>
          {options.map((one) => (
            <button
              key={one.value}
              type="button"
              aria-pressed={one.value === chosen}
              disabled={field.readOnly}
              onClick={() => change(one.value)}
            >
              {one.label}
            </button>
          ))}
        </span>
      )}
    </FieldFrame>
  );
}
