/** The content of a message, in a tab for each language. */

import { useContext, useId, useState } from "react";
import type { JsonObject } from "@/document/types";
import { language, useWords } from "@/words";
import { inWords, Select } from "@/forms/controls";
import type { EditorProps } from "@/forms/editors";
import { FieldFrame, useFieldWords } from "@/forms/field-frame";
import { Fields } from "@/forms/fields";
import { isObject, problemsAt, withMember } from "@/forms/paths";
import { useFormContext } from "@/forms/context";
import { initialObject, resolve, type Schema } from "@/forms/schema";
import { ContentContext } from "./content-context";
import "./messages.css";

/** Languages that are offered; any other can be added by its tag in the file. */
const OFFERED = ["ko", "en", "ja", "zh", "zh-TW", "vi", "th", "es", "fr", "de"];

export const localeName = (locale: string, words: ReturnType<typeof useWords>): string => {
  if (locale === "ko" || locale === "en") return inWords(locale, words);
  return new Intl.DisplayNames([language()], { type: "language", fallback: "code" }).of(locale) ?? locale;
};

/** Korean first, then English, then the others as they stand. */
export const localesOf = (content: JsonObject): string[] =>
  Object.keys(content).sort((a, b) => (OFFERED.indexOf(a) + 1 || 99) - (OFFERED.indexOf(b) + 1 || 99));

export function ContentField(props: EditorProps) {
  const { schema, root, path, change } = props;
  const words = useWords();
  const id = useId();
  const place = useFormContext();
  const field = useFieldWords(props);
  const shared = useContext(ContentContext);
  const [own, setOwn] = useState<string>(language());
  const content: JsonObject = isObject(props.value) ? props.value : {};
  const locales = localesOf(content);
  const wanted = shared?.locale ?? own;
  const shown = locales.includes(wanted) ? wanted : (locales[0] ?? "");
  const show = shared?.show ?? setOwn;
  const member: Schema = typeof schema.additionalProperties === "object" ? resolve(schema.additionalProperties, root) : {};
  const add = (locale: string): void => {
    if (locale === "" || locale in content) return;
    const model = isObject(content[shown]) ? structuredClone(content[shown]) : initialObject(member, root);
    change({ ...content, [locale]: model });
    show(locale);
  };
  return (
    <FieldFrame {...field} group>
      {() => (
        <>
          <div className="in-tabs">
            <div role="tablist" aria-label={field.label}>
              {locales.map((locale, n) => {
                const wrong = problemsAt(place.problems, [...path, locale], true).length > 0;
                return (
                  <button
                    key={locale}
                    type="button"
                    role="tab"
                    id={`${id}-${locale}`}
                    aria-selected={locale === shown}
                    aria-controls={`${id}-panel`}
                    tabIndex={locale === shown ? 0 : -1}
                    data-wrong={wrong || undefined}
                    onClick={() => show(locale)}
                    onKeyDown={(event) => {
                      const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
                      const next = locales[(n + by + locales.length) % locales.length];
                      if (by === 0 || next === undefined) return;
                      show(next);
                      document.getElementById(`${id}-${next}`)?.focus();
                    }}
                  >
                    {localeName(locale, words)}
                  </button>
                );
              })}
            </div>
            {field.readOnly ? null : (
              <Select
                className="in-add-locale"
                label={words("message.add_locale")}
                readOnly={false}
                value=""
                empty={`+ ${words("message.add_locale")}`}
                options={OFFERED.filter((one) => !(one in content)).map((one) => ({ value: one, label: localeName(one, words) }))}
                change={add}
              />
            )}
          </div>
          {shown ? (
            <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${shown}`} lang={shown}>
              <Fields
                schema={member}
                root={root}
                path={[...path, shown]}
                value={content[shown]}
                change={(next) => change({ ...content, [shown]: next ?? {} })}
                skip={shared?.without ?? []}
              />
              {field.readOnly || locales.length < 2 ? null : (
                <button type="button" className="in-quiet" onClick={() => change(withMember(content, shown, undefined))}>
                  {words("message.remove_locale", { locale: localeName(shown, words) })}
                </button>
              )}
            </div>
          ) : null}
        </>
      )}
    </FieldFrame>
  );
}
