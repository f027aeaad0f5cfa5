/** What a customer would see, rendered by the server for a customer who exists or is made up. */

import { Code, Monitor, Moon, Smartphone, TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { create } from "zustand";
import { TextInput } from "@/forms/controls";
import { useChannel } from "@/messages/channels";
import { ExamplePicker } from "@/previews/example-picker";
import { useExample } from "@/previews/example";
import { type Preview, usePreview } from "@/previews/use-preview";
import { say, useWords } from "@/words";
import { nested, readPaths, sample, type TemplatePreview } from "./model";
import { PreviewScreen, PreviewSource } from "./preview-screen";
import { useEditor, useTemplateDraft } from "./store";
import "./preview.css";

const useValues = create<{ given: Record<string, string> }>()(() => ({ given: {} }));

/** Sample values of the event and the journey: made up, unless the reader typed others. */
export function useSample() {
  const document = useTemplateDraft((draft) => draft.document);
  const given = useValues((state) => state.given);
  return useMemo(() => {
    const paths = readPaths(document);
    return nested(Object.fromEntries(paths.map((path) => [path, given[path] ?? sample(path)])));
  }, [document, given]);
}

export function useTemplatePreview(): Preview<TemplatePreview> {
  const document = useTemplateDraft((draft) => draft.document);
  const { channel, locale } = useEditor();
  const customer = useExample((state) => state.customer);
  const values = useSample();
  const question =
    channel === null
      ? null
      : { document, channel, locale, event: { properties: values.entry }, variables: values.var, ...(customer ? { customer: { id: customer.id } } : {}) };
  return usePreview("/api/previews/template", question) as Preview<TemplatePreview>;
}

export function PreviewPanel({ data, problem, pending }: Preview<TemplatePreview>) {
  const words = useWords();
  const [width, setWidth] = useState<"desktop" | "mobile">("desktop");
  const [dark, setDark] = useState(false);
  const [source, setSource] = useState(false);
  const mail = useChannel(data?.channel ?? "")?.preview === "mail";
  return (
    <section className="te-preview" aria-label={words("message.preview")}>
      <div className="te-preview-head">
        <h2 className="in-label">{words("message.preview")}</h2>
        <ExamplePicker />
        {mail ? (
          <span className="in-segments" role="group" aria-label={words("tpl.view")}>
            <button type="button" aria-pressed={width === "desktop"} title={words("tpl.desktop")} aria-label={words("tpl.desktop")} onClick={() => setWidth("desktop")}>
              <Monitor aria-hidden size={15} />
            </button>
            <button type="button" aria-pressed={width === "mobile"} title={words("tpl.mobile")} aria-label={words("tpl.mobile")} onClick={() => setWidth("mobile")}>
              <Smartphone aria-hidden size={15} />
            </button>
            <button type="button" aria-pressed={dark} title={words("tpl.dark")} aria-label={words("tpl.dark")} onClick={() => setDark(!dark)}>
              <Moon aria-hidden size={15} />
            </button>
            <button type="button" aria-pressed={source} title={words("tpl.source")} aria-label={words("tpl.source")} onClick={() => setSource(!source)}>
              <Code aria-hidden size={15} />
            </button>
          </span>
        ) : null}
      </div>
      <div className="te-stage" aria-live="polite" data-pending={pending || undefined} data-width={mail ? width : "phone"}>
        {data === null ? (
          <p className="in-faint">{problem ? problem.message : words("tpl.nothing_to_see")}</p>
        ) : mail && source ? (
          <PreviewSource preview={data} />
        ) : (
          <PreviewScreen preview={data} dark={dark} />
        )}
      </div>
      {data ? <PreviewNotes preview={data} /> : null}
      <Samples />
    </section>
  );
}

/** Why it would not be sent, which values are missing, and remarks of the channel. */
function PreviewNotes({ preview }: { preview: TemplatePreview }) {
  const words = useWords();
  return (
    <div className="te-notes">
      {preview.refused ? (
        <p className="in-wrong">
          <TriangleAlert aria-hidden size={13} /> {words("tpl.not_sent", { reason: say(preview.refused) })}
        </p>
      ) : null}
      {preview.missing.length > 0 && !preview.refused ? (
        <p className="in-missing">
          <TriangleAlert aria-hidden size={13} />
          {words("message.missing", { names: preview.missing.join(", ") })}
        </p>
      ) : null}
      {preview.facts.limit === null && preview.notes.length > 0 ? (
        <ul className="in-notes">
          {preview.notes.map((note) => (
            <li key={say(note)}>{say(note)}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

/** Values that the texts read from an event or a journey, for the reader to change. */
function Samples() {
  const words = useWords();
  const document = useTemplateDraft((draft) => draft.document);
  const given = useValues((state) => state.given);
  const paths = readPaths(document);
  if (paths.length === 0) return null;
  return (
    <details className="in-more">
      <summary>{words("tpl.samples")}</summary>
      {paths.map((path) => (
        <div className="in-pair" key={path}>
          <code>{path}</code>
          <TextInput label={path} readOnly={false} value={given[path] ?? sample(path)} change={(value) => useValues.setState({ given: { ...given, [path]: value } })} />
        </div>
      ))}
    </details>
  );
}
