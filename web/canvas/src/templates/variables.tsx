/** Variables of a template: those that can be inserted, and rules for those without a value. */

import { type ReactNode, useMemo } from "react";
import { useNames } from "@/document/names";
import type { JsonObject } from "@/document/types";
import { SchemaField } from "@/forms/fields";
import { isObject, withMember } from "@/forms/paths";
import type { Schema } from "@/forms/schema";
import { CUSTOMER_FIELDS, type VariableGroup, VariablesContext } from "@/messages/text-field";
import { useWords } from "@/words";
import { variablesIn } from "./model";
import { edit, useEditor, useTemplateDraft } from "./store";

const OF_COUPON = ["var.coupon.code", "var.coupon.valid_until"];
const LINKS = ["links.unsubscribe", "links.preferences"] as const;

/** A template belongs to no journey: it may use a property of any event, and what any journey keeps. */
export function TemplateVariables({ children }: { children: ReactNode }) {
  const words = useWords();
  const names = useNames();
  const groups: VariableGroup[] = useMemo(() => {
    const fixed = new Set<string>(CUSTOMER_FIELDS);
    const properties = names.events.filter((one) => !one.system).flatMap((one) => one.properties.map((property) => property.name));
    return [
      {
        heading: words("message.variables.customer"),
        items: [
          ...CUSTOMER_FIELDS.map((name) => ({ path: `customer.${name}`, title: words(`message.variable.${name}`) })),
          ...names.attributes.filter((one) => !fixed.has(one.name)).map((one) => ({ path: `customer.${one.name}`, title: one.name })),
        ],
      },
      { heading: words("message.variables.entry"), items: [...new Set(properties)].map((name) => ({ path: `entry.${name}`, title: name })) },
      { heading: words("tpl.coupon"), items: OF_COUPON.map((path) => ({ path, title: words(`tpl.variable.${path.endsWith("code") ? "code" : "until"}`) })) },
      { heading: words("tpl.links"), items: LINKS.map((path) => ({ path, title: words(`tpl.variable.${path === "links.unsubscribe" ? "unsubscribe" : "preferences"}`) })) },
    ].filter((group) => group.items.length > 0);
  }, [names, words]);
  return <VariablesContext.Provider value={groups}>{children}</VariablesContext.Provider>;
}

/** One rule for each variable that a text uses. */
export function Rules() {
  const words = useWords();
  const document = useTemplateDraft((draft) => draft.document);
  const forms = useEditor((editor) => editor.forms);
  const rules: JsonObject = isObject(document.variables) ? document.variables : {};
  const found = [...new Set([...variablesIn(document), ...Object.keys(rules)])].sort();
  const put = (path: string, rule: JsonObject | undefined): void =>
    edit((now) => ({ ...now, variables: withMember(isObject(now.variables) ? now.variables : {}, path, rule) }), `rule.${path}`);
  return (
    <details className="in-more te-rules">
      <summary>
        {words("tpl.unset")} <span className="in-faint">{Object.keys(rules).length || ""}</span>
      </summary>
      <p className="in-help">{words("tpl.unset_line")}</p>
      {found.length === 0 ? <p className="in-faint">{words("tpl.no_variables")}</p> : null}
      {found.map((path) => {
        const rule = rules[path];
        return (
          <div className="in-card" key={path} role="group" aria-label={path}>
            <div className="in-card-head">
              <code>{path}</code>
              <button type="button" className="in-quiet" onClick={() => put(path, isObject(rule) ? undefined : { unset: "default", default: {} })}>
                {isObject(rule) ? words("tpl.no_rule") : words("tpl.set_rule")}
              </button>
            </div>
            {isObject(rule) ? (
              <SchemaField
                schema={rule.unset === "default" || rule.unset === undefined ? forms.variable : onlyUnset(forms.variable)}
                root={forms.variable}
                path={["variables", path]}
                value={rule}
                change={(next) => put(path, isObject(next) ? next : undefined)}
              />
            ) : null}
          </div>
        );
      })}
    </details>
  );
}

const onlyUnset = (schema: Schema): Schema => ({
  ...schema,
  properties: { unset: schema.properties?.["unset"] ?? {} },
});
