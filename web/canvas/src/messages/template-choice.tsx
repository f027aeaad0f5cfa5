/** Where a message's content comes from: the step itself, or a template as it is when the message is sent. */

import { FilePlus2, SquarePen } from "lucide-react";
import { useContext, useEffect, useState } from "react";
import { create } from "zustand";
import { ApiProblem, call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useDraft } from "@/document/draft";
import { useStepTypes } from "@/document/step-types";
import type { Json, JsonObject, LocalText } from "@/document/types";
import { toast } from "@/ui/toasts";
import { inLocale, useWords } from "@/words";
import { Combobox } from "@/forms/combobox";
import type { EditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { isObject, withMember } from "@/forms/paths";
import { writable } from "./channels";
import { ContentContext } from "./content-context";

type Templates = Answer<"/api/message-templates", "get">;
export type TemplateName = Templates["items"][number];
const useTemplates = create<{ items: TemplateName[] | null }>()(() => ({ items: null }));

/** The templates of the workspace, loaded whenever a message is opened: they change while a journey is drawn. */
export function useTemplateNames(): TemplateName[] {
  const items = useTemplates((state) => state.items);
  useEffect(() => {
    void load();
  }, []);
  return items ?? [];
}

async function load(): Promise<void> {
  try {
    const { data } = await call<Templates>("GET", "/api/message-templates");
    useTemplates.setState({ items: data.items });
  } catch {
    // without the list a key can still be typed
  }
}

/** The field that chooses a template, with a link to it. */
export function MessageTemplateField(props: EditorProps) {
  const words = useWords();
  const field = useFieldWords(props);
  const templates = useTemplateNames();
  const value = typeof props.value === "string" ? props.value : "";
  const needed = useContext(ContentContext)?.approved ?? [];
  const usable = templates.filter(
    (one) => one.archived_at === null && one.live_revision !== null && needed.every((channel) => one.channels.includes(channel)),
  );
  const chosen = templates.find((one) => one.key === value);
  return (
    <FieldFrame {...field} help={words("message.template_line")}>
      {(control) => (
        <>
          <Combobox
            control={control}
            label={field.label}
            readOnly={field.readOnly}
            placeholder={words("message.pick_template")}
            options={usable.map((one) => ({ value: one.key, label: inLocale(one.name, one.key), detail: one.channels.join(", ") }))}
            value={value}
            change={(next) => props.change(next)}
          />
          {templates.length > 0 && usable.length === 0 ? (
            <p className="in-faint">{words(needed.length > 0 ? "message.no_approved_templates" : "message.no_templates")}</p>
          ) : null}
          {chosen ? (
            <a className="in-quiet" href={`/templates/${encodeURIComponent(chosen.key)}`} target="_blank" rel="noreferrer">
              <SquarePen aria-hidden size={13} />
              {words("message.edit_template")}
            </a>
          ) : (
            <a className="in-quiet" href="/templates/new" target="_blank" rel="noreferrer">
              <FilePlus2 aria-hidden size={13} />
              {words("message.new_template")}
            </a>
          )}
        </>
      )}
    </FieldFrame>
  );
}

type Settings = { settings: JsonObject; change: (next: JsonObject) => void; readOnly: boolean };

/** Own content or a template's. What is switched away from is kept while the panel is open. */
export function ContentSource({ settings, change, readOnly }: Settings) {
  const words = useWords();
  const [kept, keep] = useState<{ content?: Json; template?: Json }>({});
  const uses = settings.template !== undefined && settings.template !== null;
  const write = (): void => {
    keep({ ...kept, template: settings.template ?? "" });
    change(withMember(withMember(settings, "template", undefined), "content", kept.content ?? { ko: { body: "" }, en: { body: "" } }));
  };
  const pick = (): void => {
    keep({ ...kept, content: settings.content ?? {} });
    change({ ...withMember(settings, "content", undefined), template: kept.template ?? "" });
  };
  return (
    <div className="in-field in-fields" role="group" aria-label={words("message.words_from")}>
      <div className="in-label-row">
        <span className="in-label">{words("message.words_from")}</span>
        {uses || readOnly ? null : <SaveAsTemplate settings={settings} change={change} />}
      </div>
      <span className="in-segments" role="group" aria-label={words("message.words_from")}>
        <button type="button" aria-pressed={!uses} disabled={readOnly} onClick={() => uses && write()}>
          {words("message.write_here")}
        </button>
        <button type="button" aria-pressed={uses} disabled={readOnly} onClick={() => !uses && pick()}>
          {words("message.use_template")}
        </button>
      </span>
    </div>
  );
}

/** Makes a template of the step's content, puts it into use, and lets the step use it. */
function SaveAsTemplate({ settings, change }: Omit<Settings, "readOnly">) {
  const words = useWords();
  const [busy, setBusy] = useState(false);
  const journey = useDraft((draft) => draft.document.name);
  const save = async (): Promise<void> => {
    setBusy(true);
    try {
      const { data } = await call<Answer<"/api/message-templates", "post">>("POST", "/api/message-templates", { body: { document: templateOf(settings, journey) } });
      await call("POST", `/api/message-templates/${encodeURIComponent(data.key)}/use`);
      await load();
      change({ ...withMember(settings, "content", undefined), template: data.key });
      toast(words("message.saved_as_template", { name: inLocale(data.name, data.key) }));
    } catch (problem) {
      toast(problem instanceof ApiProblem ? problem.message : words("panel.no_answer"), { tone: "trouble" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <button type="button" className="in-quiet" disabled={busy} onClick={() => void save()}>
      <FilePlus2 aria-hidden size={13} />
      {words("message.save_as_template")}
    </button>
  );
}

/** A template's document: the same texts for the channel and its fallbacks, each as far as it shows them. */
function templateOf(settings: JsonObject, journey: LocalText): JsonObject {
  const channels = [settings.channel, ...(Array.isArray(settings.fallback) ? settings.fallback : [])].filter((one) => typeof one === "string");
  const known = useStepTypes.getState().channels;
  const content = isObject(settings.content) ? settings.content : {};
  const part = (words: Json | undefined, names: readonly string[]): JsonObject =>
    isObject(words) ? Object.fromEntries(Object.entries(words).filter(([name]) => names.includes(name))) : {};
  const written = channels.flatMap((channel) => {
    const shown = writable(known, channel);
    return shown ? [{ channel, shown }] : [];
  });
  return {
    name: Object.keys(journey).length > 0 ? journey : "Message",
    class: settings.class ?? "advertising",
    tags: settings.tags ?? [],
    channels: Object.fromEntries(
      written.map(({ channel, shown }) => [channel, Object.fromEntries(Object.entries(content).map(([locale, words]) => [locale, part(words, shown)]))]),
    ),
  };
}

