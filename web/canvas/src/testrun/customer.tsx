/** The customer of the test run: one who exists, or one who is made up. */

import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { useNames } from "@/document/names";
import { useDraft } from "@/document/draft";
import { STAGES } from "@/document/types";
import { useChannelTitle } from "@/messages/channels";
import { type CustomerRow, customerName } from "@/previews/customer-name";
import { Failed, Loading } from "@/ui/feedback";
import { page } from "@/page";
import { language, useWords } from "@/words";
import { Pairs } from "./pairs";
import { example, type Invented, shown, type Who } from "./script";
import { replay, rewrite, useTest } from "./store";

export function CustomerPart({ who }: { who: Who }) {
  const words = useWords();
  const name = who.kind === "picked" ? who.name : shown(who.customer.attributes["name"]) || words("test.invented");
  const choose = (kind: Who["kind"]): void => {
    if (kind === who.kind) return;
    if (kind === "picked") rewrite((script) => ({ ...script, who: { kind, id: "", name: "" } }));
    else rewrite((script) => ({ ...script, who: invented() }));
  };
  return (
    <details className="t-fold" open={who.kind === "picked" && who.id === ""}>
      <summary>
        <ChevronRight aria-hidden size={14} />
        <span>{words("test.customer")}</span>
        <strong className="p-cut">{name || words("test.pick_one")}</strong>
        <span className="faint">{words(who.kind === "picked" ? "test.copy" : "test.invented")}</span>
      </summary>
      <div className="t-folded">
        <div className="p-tabs" role="group" aria-label={words("test.customer")}>
          <button type="button" aria-pressed={who.kind === "invented"} onClick={() => choose("invented")}>
            {words("test.invent")}
          </button>
          <button type="button" aria-pressed={who.kind === "picked"} onClick={() => choose("picked")}>
            {words("test.pick")}
          </button>
        </div>
        {who.kind === "invented" ? <Inventing customer={who.customer} /> : <Picking who={who} />}
      </div>
    </details>
  );
}

const invented = (): Who => ({
  kind: "invented",
  customer: example(useDraft.getState().document, useNames.getState(), page.timeZone, language()),
});

function Inventing({ customer }: { customer: Invented }) {
  const words = useWords();
  const attributes = useNames((state) => state.attributes);
  const known = useNames((state) => state.consents);
  const change = (part: Partial<Invented>): void => rewrite((script) => ({ ...script, who: { kind: "invented", customer: { ...customer, ...part } } }));
  const consents = [...new Set([...known, ...Object.keys(customer.consents)])];
  return (
    <>
      <h4>{words("test.attributes")}</h4>
      <Pairs values={customer.attributes} change={(values) => change({ attributes: values })} known={attributes} label={words("test.add_attribute")} />
      <h4>{words("test.consents")}</h4>
      <div className="p-row">
        {consents.map((name) => (
          <label key={name} className="p-check">
            <input
              type="checkbox"
              checked={customer.consents[name] === true}
              onChange={(event) => change({ consents: { ...customer.consents, [name]: event.target.checked } })}
            />
            <Consent name={name} />
          </label>
        ))}
      </div>
      <div className="t-grid">
        <Contact customer={customer} change={change} name="email" />
        <Contact customer={customer} change={change} name="phone" />
        <label className="p-field">
          <span>{words("test.stage")}</span>
          <select value={customer.stage ?? ""} onChange={(event) => change({ stage: (event.target.value || null) as Invented["stage"] })}>
            <option value="">{words("stage.none")}</option>
            {STAGES.map((stage) => (
              <option key={stage} value={stage}>
                {words(`stage.${stage}`)}
              </option>
            ))}
          </select>
        </label>
        <label className="p-field">
          <span>{words("test.locale")}</span>
          <select value={customer.locale} onChange={(event) => change({ locale: event.target.value })}>
            {[...new Set([...page.languages, customer.locale])].map((locale) => (
              <option key={locale} value={locale}>
                {languageName(locale)}
              </option>
            ))}
          </select>
        </label>
        <label className="p-field">
          <span>{words("test.zone")}</span>
          <Late value={customer.time_zone} change={(zone) => change({ time_zone: zone })} valid={isZone} />
        </label>
        <label className="p-field">
          <span>{words("test.tags")}</span>
          <Late value={customer.tags.join(", ")} change={(text) => change({ tags: text.split(",").map((tag) => tag.trim()).filter(Boolean) })} />
        </label>
        <label className="p-field t-wide">
          <span>{words("test.seed")}</span>
          <Late value={customer.seed} change={(seed) => change({ seed: seed || "test" })} />
        </label>
      </div>
    </>
  );
}

function Contact({ customer, change, name }: { customer: Invented; change: (part: Partial<Invented>) => void; name: "email" | "phone" }) {
  const words = useWords();
  return (
    <label className="p-field">
      <span>{words(`test.contact.${name}`)}</span>
      <Late value={customer.contacts[name] ?? ""} change={(text) => change({ contacts: { ...customer.contacts, [name]: text } })} />
    </label>
  );
}

/** A field that counts when it is left: half-typed text is not sent to the server. */
function Late({ value, change, valid = () => true }: { value: string; change: (value: string) => void; valid?: (value: string) => boolean }) {
  const [text, setText] = useState<string | null>(null);
  const bad = text !== null && !valid(text);
  return (
    <input
      value={text ?? value}
      aria-invalid={bad || undefined}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => {
        if (text !== null && text !== value && !bad) change(text);
        if (!bad) setText(null);
      }}
    />
  );
}

function isZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en", { timeZone: name }));
  } catch {
    return false;
  }
}

function languageName(locale: string): string {
  try {
    return new Intl.DisplayNames([language()], { type: "language" }).of(locale) ?? locale;
  } catch {
    return locale;
  }
}

/** The name of a consent: its channel's title; that of a channel that there is no more, as it is. */
export function Consent({ name }: { name: string }) {
  const words = useWords();
  const [channel = "", purpose] = name.split(":");
  const called = useChannelTitle()(channel);
  return <>{purpose === "night" ? words("test.at_night", { channel: called }) : called}</>;
}

function Picking({ who }: { who: Extract<Who, { kind: "picked" }> }) {
  const words = useWords();
  const [query, setQuery] = useState("");
  const asked = useDeferredValue(query);
  const found = useQuery({
    queryKey: ["pick-customer", asked],
    queryFn: async ({ signal }) =>
      (await call<Answer<"/api/customers", "get">>("GET", `/api/customers?limit=8&query=${encodeURIComponent(asked)}`, { signal })).data.items,
    placeholderData: (before) => before,
  });
  const pick = (row: CustomerRow): void => {
    rewrite((script) => ({ ...script, who: { kind: "picked", id: row.id, name: customerName(row) } }));
    if (useTest.getState().script?.start === null) replay();
  };
  return (
    <>
      <input type="search" value={query} placeholder={words("test.search")} aria-label={words("test.search")} onChange={(event) => setQuery(event.target.value)} />
      {found.isPending && <Loading lines={3} />}
      {found.isError && <Failed error={found.error} retry={() => void found.refetch()} />}
      {found.data?.length === 0 && <p className="p-note">{words("test.nobody")}</p>}
      <ul className="t-found">
        {found.data?.map((row) => (
          <li key={row.id}>
            <button type="button" aria-pressed={who.id === row.id} onClick={() => pick(row)}>
              <strong className="p-cut">{customerName(row)}</strong>
              <span className="faint p-cut">{row.external_id ?? row.email ?? ""}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="p-note">{words("test.copy_line")}</p>
    </>
  );
}
