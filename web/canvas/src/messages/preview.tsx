/** The message as its receiver would see it, rendered by the server for an example customer. */

import { Monitor, Moon, Smartphone, TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { useNames } from "@/document/names";
import { useDraft } from "@/document/draft";
import type { Answer } from "@/api/types";
import type { Json, JsonObject } from "@/document/types";
import { AdvertisingText } from "@/ui/advertising-text";
import { MailFrame } from "@/ui/mail-frame";
import { number, say, useWords } from "@/words";
import { useChannel } from "./channels";
import { localeName, localesOf } from "./content-field";
import { Select, TextInput } from "@/forms/controls";
import type { SendOptions } from "@/phone/message";
import { PhoneScreen } from "@/phone/screen";
import { ExamplePicker } from "@/previews/example-picker";
import { isObject } from "@/forms/paths";
import { useTemplateNames } from "./template-choice";
import { useExample } from "@/previews/example";
import { usePreview } from "@/previews/use-preview";
import { entryEvents } from "@/forms/value-control";
import { useFormContext } from "@/forms/context";
import { StepTest } from "./step-test";
import "./messages.css";

type Preview = Answer<"/api/previews/message", "post">;
/** Values of the entry event that a text uses. */
const OF_ENTRY = /\b(?:entry|event)\.([A-Za-z_][\w]*)/g;

export function MessagePreview({
  settings,
  channels,
  titles,
  locale,
  show,
}: {
  settings: JsonObject;
  channels: string[];
  titles: { value: string; label: string }[];
  locale: string;
  show: (locale: string) => void;
}) {
  const words = useWords();
  const [wanted, setWanted] = useState("");
  const customer = useExample((state) => state.customer);
  const channel = channels.includes(wanted) ? wanted : (channels[0] ?? "");
  const templates = useTemplateNames();
  const template = templates.find((one) => one.key === settings.template);
  const locales = template ? template.languages : localesOf(isObject(settings.content) ? settings.content : {});
  const shown = locales.includes(locale) ? locale : (locales[0] ?? "");
  const entry = useEntryValues(isObject(settings.content) && isObject(settings.content[shown]) ? settings.content[shown] : {});
  const variables = useDraft((draft) => draft.document.variables) ?? {};
  const whom = customer ? { customer: { id: customer.id } } : {};
  const question = { settings, channel, locale: shown, variables, event: { name: entry.name, properties: entry.values }, ...whom };
  const { data, problem, pending } = usePreview("/api/previews/message", question);
  const { readOnly } = useFormContext();
  return (
    <div className="in-preview">
      <div className="in-preview-head">
        {channels.length > 1 ? (
          <Select
            label={words("message.preview_channel")}
            readOnly={false}
            value={channel}
            options={titles.filter((one) => channels.includes(one.value))}
            change={setWanted}
          />
        ) : null}
        {locales.length > 1 ? (
          <Select
            label={words("message.preview_locale")}
            readOnly={false}
            value={shown}
            options={locales.map((one) => ({ value: one, label: localeName(one, words) }))}
            change={show}
          />
        ) : null}
        <ExamplePicker />
        {data?.html && !readOnly ? <StepTest channel={channel} question={question as JsonObject} /> : null}
      </div>
      <div aria-live="polite" data-pending={pending || undefined}>
        {data ? <Screen preview={data} advertising={settings.class !== "informational"} /> : <p className="in-faint">{problem ? problem.message : "…"}</p>}
        {data ? <Facts preview={data} /> : null}
      </div>
      {entry.names.length > 0 ? (
        <details className="in-more">
          <summary>{words("message.entry_values")}</summary>
          {entry.names.map((name) => (
            <div className="in-pair" key={name}>
              <code>entry.{name}</code>
              <TextInput
                label={`entry.${name}`}
                readOnly={false}
                value={String(entry.values[name] ?? "")}
                change={(value) => useExample.setState((state) => ({ entry: { ...state.entry, [name]: value } }))}
              />
            </div>
          ))}
        </details>
      ) : null}
    </div>
  );
}

function Screen({ preview, advertising }: { preview: Preview; advertising: boolean }) {
  const words = useWords();
  const [phone, setPhone] = useState(false);
  const [dark, setDark] = useState(false);
  if (preview.html !== null && preview.html !== "") {
    return (
      <>
      <span className="in-segments" role="group" aria-label={words("tpl.view")}>
        <button type="button" aria-pressed={!phone} title={words("tpl.desktop")} aria-label={words("tpl.desktop")} onClick={() => setPhone(false)}>
          <Monitor aria-hidden size={15} />
        </button>
        <button type="button" aria-pressed={phone} title={words("tpl.mobile")} aria-label={words("tpl.mobile")} onClick={() => setPhone(true)}>
          <Smartphone aria-hidden size={15} />
        </button>
        <button type="button" aria-pressed={dark} title={words("tpl.dark")} aria-label={words("tpl.dark")} onClick={() => setDark(!dark)}>
          <Moon aria-hidden size={15} />
        </button>
      </span>
      <div className="mail in-mail" data-width={phone ? "mobile" : "desktop"}>
        <header>
          <strong>
            <AdvertisingText text={preview.subject || words("message.no_subject")} />
          </strong>
          {preview.preheader ? <span className="in-faint">{preview.preheader}</span> : null}
        </header>
        <MailFrame html={preview.html} title={words("message.preview")} dark={dark} />
      </div>
      </>
    );
  }
  return <PhoneScreen shown={{ ...preview, options: preview.options as SendOptions, form: preview.facts.form, advertising }} />;
}

function Facts({ preview }: { preview: Preview }) {
  const words = useWords();
  const chargedByLength = useChannel(preview.channel)?.charged_by_length ?? false;
  const { characters, bytes, limit, unit, form, fits } = preview.facts;
  const measured = number(unit === "bytes" ? bytes : characters);
  const size =
    limit === null
      ? words("message.facts", { characters: measured })
      : words(unit === "bytes" ? "message.facts_bytes" : "message.facts_limit", { measured, limit: number(limit) });
  const wrong = preview.problems.filter((one) => one.severity === "error");
  return (
    <>
      <p className={fits ? "in-help" : "in-wrong"}>
        {chargedByLength ? <strong>{form.toUpperCase()} · </strong> : null}
        {size}
      </p>
      {preview.missing.length > 0 ? (
        <p className="in-missing">
          <TriangleAlert aria-hidden size={13} />
          {words("message.missing", { names: preview.missing.join(", ") })}
        </p>
      ) : null}
      <ul className="in-notes">
        {preview.notes.map((note) => (
          <li key={say(note)}>{say(note)}</li>
        ))}
        {wrong.map((one) => (
          <li key={one.code + one.message} className="in-wrong">
            {say(one.text)}
          </li>
        ))}
      </ul>
    </>
  );
}

const AMOUNT = /price|total|revenue|amount|value|sum/;

/** Values of the entry event that a text uses: made up by type, until the reader types others. */
function useEntryValues(content: JsonObject): { name: string; names: string[]; values: JsonObject } {
  const given = useExample((state) => state.entry);
  const entry = useDraft((draft) => draft.document.entry);
  const known = useNames((state) => state.events);
  return useMemo(() => {
    const events = entryEvents(entry);
    const properties = known.filter((one) => events.includes(one.name)).flatMap((one) => one.properties);
    const texts = Object.values(content).filter((text) => typeof text === "string");
    const names = [...new Set(texts.flatMap((text) => [...text.matchAll(OF_ENTRY)].map((found) => found[1] ?? "")))];
    const made = (name: string): Json => {
      const type = properties.find((one) => one.name === name)?.type;
      if (type === "number") return AMOUNT.test(name) ? 29_000 : 2;
      if (type === "boolean") return true;
      if (type === "array" || type === "object") return [];
      return AMOUNT.test(name) ? 29_000 : `[${name}]`;
    };
    const value = (name: string): Json => {
      const own = given[name];
      if (own === undefined) return made(name);
      return typeof made(name) === "number" && own.trim() !== "" && Number.isFinite(Number(own)) ? Number(own) : own;
    };
    const values = Object.fromEntries(names.map((name) => [name, value(name)]).filter(([, one]) => one !== ""));
    return { name: events[0] ?? "", names, values };
  }, [given, entry, known, content]);
}
