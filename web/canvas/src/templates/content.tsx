/** The content of a template: a tab for each channel, one for each language, and a form for the two. */

import { Plus, X } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import type { JsonObject } from "@/document/types";
import { inWords, Select } from "@/forms/controls";
import { channelOf, useChannel } from "@/messages/channels";
import { localeName, localesOf } from "@/messages/content-field";
import { Fields } from "@/forms/fields";
import { useFormContext } from "@/forms/context";
import { isObject, problemsAt } from "@/forms/paths";
import type { Schema } from "@/forms/schema";
import { TemplateField } from "@/messages/text-field";
import { say, useWords } from "@/words";
import { Meter } from "./meter";
import { blocksOf, type ChannelForm, languagesOn, type TemplatePreview, wordsOf, withWords } from "./model";
import { edit, useEditor, useTemplateDraft, useTemplateSync } from "./store";
import { Rules } from "./variables";
import "./source.css";
import "./content.css";

const Blocks = lazy(() => import("./blocks").then((module) => ({ default: module.Blocks })));
const LANGUAGES = ["ko", "en", "ja", "zh", "zh-TW", "vi", "th", "es", "fr", "de"];

export function ContentPanel({ preview }: { preview: TemplatePreview | null }) {
  const words = useWords();
  const document = useTemplateDraft((draft) => draft.document);
  const { forms, channel: wanted, locale: language } = useEditor();
  const spoken = forms.channels.filter((one) => Object.keys(languagesOn(document, one.channel)).length > 0);
  const form = spoken.find((one) => one.channel === wanted) ?? spoken[0];
  const locales = form ? localesOf(languagesOn(document, form.channel)) : [];
  const locale = locales.includes(language) ? language : (locales[0] ?? "ko");
  useEffect(() => {
    if (form?.channel !== wanted || locale !== language) useEditor.setState({ channel: form?.channel ?? null, locale });
  }, [form, wanted, locale, language]);
  return (
    <section className="te-content inspector" aria-label={words("tpl.writing")}>
      <ChannelTabs spoken={spoken} shown={form} />
      {form ? (
        <>
          <LanguageTabs form={form} locales={locales} locale={locale} />
          <div className="in-body te-form" role="tabpanel" aria-label={`${say(form.title)}, ${localeName(locale, words)}`} lang={locale}>
            <ContentForm key={`${form.channel}.${locale}`} form={form} locale={locale} preview={preview} />
            <Rules />
            <TemplateSettings />
          </div>
        </>
      ) : (
        <ChannelOffers />
      )}
    </section>
  );
}

/** Of a template that has no content yet. */
function ChannelOffers() {
  const words = useWords();
  const forms = useEditor((editor) => editor.forms);
  const readOnly = useTemplateSync((sync) => sync.readOnly);
  return (
    <div className="te-nothing">
      <strong>{words("tpl.nothing")}</strong>
      <p>{words("tpl.nothing_line")}</p>
      {readOnly ? null : (
        <div className="te-offers">
          {forms.channels.map((one) => (
            <button type="button" className="button" key={one.channel} onClick={() => add(one)}>
              {say(one.title)}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

/** Starts a channel in the languages of the other channels, else (or where texts are approved) in its own. */
function add(form: ChannelForm): void {
  const approved = channelOf(form.channel)?.approved ?? false;
  edit((now) => {
    const channels: JsonObject = isObject(now.channels) ? now.channels : {};
    const spoken = [...new Set(Object.values(channels).flatMap((one) => (isObject(one) ? Object.keys(one) : [])))];
    const languages = spoken.length > 0 && !approved ? spoken : Object.keys(form.defaults);
    const begin = (locale: string): JsonObject => structuredClone(form.defaults[locale] ?? Object.values(form.defaults)[0] ?? { body: "" });
    return { ...now, channels: { ...channels, [form.channel]: Object.fromEntries(languages.map((locale) => [locale, begin(locale)])) } };
  });
  useEditor.setState({ channel: form.channel, block: null });
}

function ChannelTabs({ spoken, shown }: { spoken: ChannelForm[]; shown: ChannelForm | undefined }) {
  const words = useWords();
  const { problems } = useFormContext();
  const forms = useEditor((editor) => editor.forms);
  const readOnly = useTemplateSync((sync) => sync.readOnly);
  const left = forms.channels.filter((one) => !spoken.includes(one));
  return (
    <div className="te-tabs">
      <Tabs
        label={words("tpl.channels")}
        items={spoken.map((one) => ({ value: one.channel, label: say(one.title), wrong: problemsAt(problems, ["channels", one.channel], true).some((found) => found.severity === "error") }))}
        value={shown?.channel ?? ""}
        change={(channel) => useEditor.setState({ channel, block: null })}
      />
      {readOnly || left.length === 0 ? null : (
        <DropdownMenu.Root>
          <DropdownMenu.Trigger asChild>
            <button type="button" className="in-add">
              <Plus aria-hidden size={14} />
              {words("tpl.add_channel")}
            </button>
          </DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content className="menu-box" align="start" sideOffset={4}>
              {left.map((one) => (
                <DropdownMenu.Item key={one.channel} onSelect={() => add(one)}>
                  {say(one.title)}
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
    </div>
  );
}

function LanguageTabs({ form, locales, locale }: { form: ChannelForm; locales: string[]; locale: string }) {
  const words = useWords();
  const { problems } = useFormContext();
  const document = useTemplateDraft((draft) => draft.document);
  const readOnly = useTemplateSync((sync) => sync.readOnly);
  const begin = (next: string): void => {
    if (next === "") return;
    edit((now) => withWords(now, form.channel, next, structuredClone(wordsOf(now, form.channel, locale))));
    useEditor.setState({ locale: next });
  };
  const remove = (): void => {
    edit((now) => withWords(now, form.channel, locale, undefined));
    useEditor.setState({ block: null });
  };
  return (
    <div className="te-tabs te-languages">
      <Tabs
        label={words("tpl.languages")}
        items={locales.map((one) => ({ value: one, label: localeName(one, words), wrong: problemsAt(problems, ["channels", form.channel, one], true).some((found) => found.severity === "error") }))}
        value={locale}
        change={(next) => useEditor.setState({ locale: next, block: null })}
      />
      {readOnly ? null : (
        <>
          <Select
            className="in-add-locale"
            label={words("message.add_locale")}
            readOnly={false}
            value=""
            empty={`+ ${words("message.add_locale")}`}
            options={LANGUAGES.filter((one) => !(one in languagesOn(document, form.channel))).map((one) => ({ value: one, label: localeName(one, words) }))}
            change={begin}
          />
          <button type="button" className="in-quiet" onClick={remove}>
            <X aria-hidden size={13} />
            {words("tpl.remove_words", { channel: say(form.title), locale: locale === "ko" || locale === "en" ? inWords(locale, words) : locale })}
          </button>
        </>
      )}
    </div>
  );
}

type Tab = { value: string; label: string; wrong: boolean };

function Tabs({ label, items, value, change }: { label: string; items: Tab[]; value: string; change: (value: string) => void }): ReactNode {
  const step = (by: number): void => {
    const at = items.findIndex((one) => one.value === value);
    const next = items[(at + by + items.length) % items.length];
    if (next) change(next.value);
  };
  return (
    <div className="in-tabs">
      <div role="tablist" aria-label={label}>
        {items.map((one) => (
          <button
            key={one.value}
            type="button"
            role="tab"
            aria-selected={one.value === value}
            tabIndex={one.value === value ? 0 : -1}
            data-wrong={one.wrong || undefined}
            ref={(node) => {
              if (node && one.value === value && node.parentElement?.contains(document.activeElement) && document.activeElement !== node) node.focus();
            }}
            onClick={() => change(one.value)}
            onKeyDown={(event) => {
              if (event.key === "ArrowRight") step(1);
              if (event.key === "ArrowLeft") step(-1);
            }}
          >
            {one.label}
          </button>
        ))}
      </div>
    </div>
  );
}

function ContentForm({ form, locale, preview }: { form: ChannelForm; locale: string; preview: TemplatePreview | null }) {
  const document = useTemplateDraft((draft) => draft.document);
  const block = useEditor((editor) => editor.block);
  const channel = useChannel(form.channel);
  const path = ["channels", form.channel, locale];
  const value = wordsOf(document, form.channel, locale);
  const change = (next: JsonObject, apart = false): void =>
    edit((now) => withWords(now, form.channel, locale, next), apart ? "" : `${form.channel}.${locale}.${block ?? ""}.${globalThis.document.activeElement?.id ?? ""}`);
  const fields = (skip: string[]) => (
    <Fields schema={form.schema} root={form.schema} path={path} value={value} change={(next) => change(isObject(next) ? next : {})} skip={skip} />
  );
  if (channel?.preview === "mail")
    return (
      <Suspense fallback={<div className="side-wait" aria-busy="true" />}>
        {fields(["body"])}
        <Blocks value={value} blocks={blocksOf(value)} path={path} change={change} schema={form.schema} />
      </Suspense>
    );
  if (channel?.approved) return <ApprovedText form={form} path={path} value={value} change={change} preview={preview} />;
  return (
    <>
      {fields([])}
      <Meter preview={preview} channel={form.channel} />
    </>
  );
}

const VARIABLE = /#\{([^{}\n]{1,50})\}/g;

/** An approved text is replaced on purpose, never edited by accident; its variables get values. */
function ApprovedText({ form, path, value, change, preview }: { form: ChannelForm; path: string[]; value: JsonObject; change: (next: JsonObject) => void; preview: TemplatePreview | null }) {
  const words = useWords();
  const place = useFormContext();
  const body = typeof value.body === "string" ? value.body : "";
  const [open, setOpen] = useState(body === "");
  const values: JsonObject = isObject(value.variables) ? value.variables : {};
  const links = JSON.stringify(value.buttons ?? "");
  const names = [...new Set([...`${body} ${links}`.matchAll(VARIABLE)].map((one) => one[1] ?? ""))];
  const left = Object.keys(values).filter((name) => !names.includes(name));
  return (
    <>
      <Fields schema={form.schema} root={form.schema} path={path} value={value} change={(next) => change(isObject(next) ? next : {})} skip={["body", "variables", "buttons", "frame"]} />
      {open && !place.readOnly ? (
        <Fields schema={form.schema} root={form.schema} path={path} value={value} change={(next) => change(isObject(next) ? next : {})} skip={["code", "variables", "buttons", "frame"]} />
      ) : (
        <div className="in-field te-approved">
          <span className="in-label">{words("tpl.approved")}</span>
          <pre>{body}</pre>
          {place.readOnly ? null : (
            <button type="button" className="in-quiet" onClick={() => setOpen(true)}>
              {words("tpl.another_approved")}
            </button>
          )}
        </div>
      )}
      {open && body !== "" && !place.readOnly ? (
        <button type="button" className="button" onClick={() => setOpen(false)}>
          {words("tpl.lock_approved")}
        </button>
      ) : null}
      <Meter preview={preview} channel={form.channel} />
      {names.length > 0 ? <h3 className="in-label">{words("tpl.values")}</h3> : null}
      {[...names, ...left].map((name) => (
        <TemplateField
          key={name}
          schema={{ type: "string", maxLength: 2000, "x-label": { en: `#{${name}}`, ko: `#{${name}}` } } satisfies Schema}
          root={form.schema}
          path={[...path, "variables", name]}
          value={values[name]}
          optional={false}
          change={(next) => {
            const { [name]: _, ...others } = values;
            change({ ...value, variables: next === "" && left.includes(name) ? others : { ...values, [name]: next ?? "" } });
          }}
        />
      ))}
      <Fields schema={form.schema} root={form.schema} path={path} value={value} change={(next) => change(isObject(next) ? next : {})} skip={["code", "body", "variables"]} />
    </>
  );
}

/** Class, tags and names. */
function TemplateSettings() {
  const words = useWords();
  const document = useTemplateDraft((draft) => draft.document);
  const forms = useEditor((editor) => editor.forms);
  return (
    <details className="in-more">
      <summary>{words("tpl.settings")}</summary>
      <Fields
        schema={forms.settings}
        root={forms.settings}
        path={[]}
        value={document}
        change={(next) => edit((now) => (isObject(next) ? { ...now, ...next } : now), "settings")}
      />
    </details>
  );
}
