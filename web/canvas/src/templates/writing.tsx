/** What is written: a tab for each channel, one for each language, and the form of that. */

import { Plus, X } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { lazy, type ReactNode, Suspense, useEffect, useState } from "react";
import type { JsonObject } from "@/document/types";
import { inWords, Select } from "@/inspector/controls";
import { localeName, localesOf } from "@/inspector/content-field";
import { Fields } from "@/inspector/form";
import { usePlace } from "@/inspector/form-place";
import { isObject, problemsAt } from "@/inspector/paths";
import type { Schema } from "@/inspector/schema";
import { TemplateField } from "@/inspector/template-field";
import { say, useWords } from "@/words";
import { Meter } from "./meter";
import { blocksOf, type Channel, type ChannelForm, languagesOn, type Look, wordsOf, withWords } from "./model";
import { edit, useTemplate } from "./store";
import { Rules } from "./variables";

const Blocks = lazy(() => import("./blocks").then((module) => ({ default: module.Blocks })));
const LANGUAGES = ["ko", "en", "ja", "zh", "zh-TW", "vi", "th", "es", "fr", "de"];

export function Writing({ look }: { look: Look | null }) {
  const words = useWords();
  const { document, forms, channel: wanted, locale: language } = useTemplate();
  const spoken = forms.channels.filter((one) => Object.keys(languagesOn(document, one.channel)).length > 0);
  const form = spoken.find((one) => one.channel === wanted) ?? spoken[0];
  const locales = form ? localesOf(languagesOn(document, form.channel)) : [];
  const locale = locales.includes(language) ? language : (locales[0] ?? "ko");
  useEffect(() => {
    if (form?.channel !== wanted || locale !== language) useTemplate.setState({ channel: form?.channel ?? null, locale });
  }, [form, wanted, locale, language]);
  return (
    <section className="te-writing inspector" aria-label={words("tpl.writing")}>
      <ChannelTabs spoken={spoken} shown={form} />
      {form ? (
        <>
          <LanguageTabs form={form} locales={locales} locale={locale} />
          <div className="in-body te-form" role="tabpanel" aria-label={`${say(form.title)}, ${localeName(locale, words)}`} lang={locale}>
            <Words key={`${form.channel}.${locale}`} form={form} locale={locale} look={look} />
            <Rules />
            <TemplateSettings />
          </div>
        </>
      ) : (
        <Nothing />
      )}
    </section>
  );
}

function Nothing() {
  const words = useWords();
  const { forms, readOnly } = useTemplate();
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

/** Begins a channel: in the languages that the other channels speak, else in those of the product. */
function add(form: ChannelForm): void {
  edit((now) => {
    const channels: JsonObject = isObject(now.channels) ? now.channels : {};
    const spoken = [...new Set(Object.values(channels).flatMap((one) => (isObject(one) ? Object.keys(one) : [])))];
    const languages = spoken.length > 0 && form.channel !== "alimtalk" ? spoken : Object.keys(form.defaults);
    const begin = (locale: string): JsonObject => structuredClone(form.defaults[locale] ?? Object.values(form.defaults)[0] ?? { body: "" });
    return { ...now, channels: { ...channels, [form.channel]: Object.fromEntries(languages.map((locale) => [locale, begin(locale)])) } };
  });
  useTemplate.setState({ channel: form.channel, block: null });
}

function ChannelTabs({ spoken, shown }: { spoken: ChannelForm[]; shown: ChannelForm | undefined }) {
  const words = useWords();
  const { problems } = usePlace();
  const { forms, readOnly } = useTemplate();
  const left = forms.channels.filter((one) => !spoken.includes(one));
  return (
    <div className="te-tabs">
      <Tabs
        label={words("tpl.channels")}
        items={spoken.map((one) => ({ value: one.channel, label: say(one.title), wrong: problemsAt(problems, ["channels", one.channel], true).some((found) => found.severity === "error") }))}
        value={shown?.channel ?? ""}
        change={(channel) => useTemplate.setState({ channel: channel as Channel, block: null })}
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
  const { problems } = usePlace();
  const { document, readOnly } = useTemplate();
  const begin = (next: string): void => {
    if (next === "") return;
    edit((now) => withWords(now, form.channel, next, structuredClone(wordsOf(now, form.channel, locale))));
    useTemplate.setState({ locale: next });
  };
  const remove = (): void => {
    edit((now) => withWords(now, form.channel, locale, undefined));
    useTemplate.setState({ block: null });
  };
  return (
    <div className="te-tabs te-languages">
      <Tabs
        label={words("tpl.languages")}
        items={locales.map((one) => ({ value: one, label: localeName(one, words), wrong: problemsAt(problems, ["channels", form.channel, one], true).some((found) => found.severity === "error") }))}
        value={locale}
        change={(next) => useTemplate.setState({ locale: next, block: null })}
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

function Words({ form, locale, look }: { form: ChannelForm; locale: string; look: Look | null }) {
  const { document, block } = useTemplate();
  const path = ["channels", form.channel, locale];
  const value = wordsOf(document, form.channel, locale);
  const change = (next: JsonObject, apart = false): void =>
    edit((now) => withWords(now, form.channel, locale, next), apart ? "" : `${form.channel}.${locale}.${block ?? ""}.${globalThis.document.activeElement?.id ?? ""}`);
  const fields = (skip: string[]) => (
    <Fields schema={form.schema} root={form.schema} path={path} value={value} change={(next) => change(isObject(next) ? next : {})} skip={skip} />
  );
  if (form.channel === "email")
    return (
      <Suspense fallback={<div className="side-wait" aria-busy="true" />}>
        {fields(["body"])}
        <Blocks value={value} blocks={blocksOf(value)} path={path} change={change} schema={form.schema} />
      </Suspense>
    );
  if (form.channel === "alimtalk") return <Alimtalk form={form} path={path} value={value} change={change} look={look} />;
  return (
    <>
      {fields([])}
      <Meter look={look} channel={form.channel} />
    </>
  );
}

const VARIABLE = /#\{([^{}\n]{1,50})\}/g;

/** An approved text is not changed by typing: it is replaced on purpose, and its variables are given values. */
function Alimtalk({ form, path, value, change, look }: { form: ChannelForm; path: string[]; value: JsonObject; change: (next: JsonObject) => void; look: Look | null }) {
  const words = useWords();
  const place = usePlace();
  const body = typeof value.body === "string" ? value.body : "";
  const [open, setOpen] = useState(body === "");
  const values: JsonObject = isObject(value.variables) ? value.variables : {};
  const links = JSON.stringify(value.buttons ?? "");
  const names = [...new Set([...`${body} ${links}`.matchAll(VARIABLE)].map((one) => one[1] ?? ""))];
  const left = Object.keys(values).filter((name) => !names.includes(name));
  return (
    <>
      <Fields schema={form.schema} root={form.schema} path={path} value={value} change={(next) => change(isObject(next) ? next : {})} skip={["body", "variables", "buttons"]} />
      {open && !place.readOnly ? (
        <Fields schema={form.schema} root={form.schema} path={path} value={value} change={(next) => change(isObject(next) ? next : {})} skip={["code", "variables", "buttons"]} />
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
      <Meter look={look} channel="alimtalk" />
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

/** Class and tags; its names in both languages. */
function TemplateSettings() {
  const words = useWords();
  const { document, forms } = useTemplate();
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
