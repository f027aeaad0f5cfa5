/** What the receiver of a message would see, filled for an example customer by the server. */

import { Bell, TriangleAlert } from "lucide-react";
import { useState } from "react";
import type { JsonObject, Problem } from "@/document/types";
import { number, say, useWords } from "@/words";
import { localeName, localesOf } from "./content-field";
import { Select } from "./controls";
import { ExamplePicker } from "./example-picker";
import { isObject } from "./paths";
import { useExample, usePreview } from "./preview";

type Look = {
  channel: string;
  locale: string;
  subject: string;
  preheader: string;
  body: string;
  html: string | null;
  missing: string[];
  problems: Problem[];
  facts: { characters: number; bytes: number; limit: number | null };
};
const LABEL = "(광고)";
/** Bytes (EUC-KR) of a short message; a longer one goes as LMS. */
const SHORT_MESSAGE = 90;
const LONG_MESSAGE = 2_000;

export function MessagePreview({ settings, channels, titles, locale, show }: { settings: JsonObject; channels: string[]; titles: { value: string; label: string }[]; locale: string; show: (locale: string) => void }) {
  const words = useWords();
  const [wanted, setWanted] = useState("");
  const customer = useExample((state) => state.customer);
  const channel = channels.includes(wanted) ? wanted : (channels[0] ?? "");
  const locales = localesOf(isObject(settings.content) ? settings.content : {});
  const shown = locales.includes(locale) ? locale : (locales[0] ?? "");
  const { data, problem, pending } = usePreview<Look>("/api/previews/message", { settings, channel, locale: shown, ...(customer ? { customer: { id: customer.id } } : {}) });
  return (
    <div className="in-preview">
      <div className="in-preview-head">
        {channels.length > 1 ? (
          <Select label={words("message.preview_channel")} readOnly={false} value={channel} options={titles.filter((one) => channels.includes(one.value))} change={setWanted} />
        ) : null}
        {locales.length > 1 ? (
          <Select label={words("message.preview_locale")} readOnly={false} value={shown} options={locales.map((one) => ({ value: one, label: localeName(one, words) }))} change={show} />
        ) : null}
        <ExamplePicker />
      </div>
      <div aria-live="polite" data-pending={pending || undefined}>
        {data ? <Screen look={data} /> : <p className="in-faint">{problem ? problem.message : "…"}</p>}
        {data ? <Facts look={data} /> : null}
      </div>
    </div>
  );
}

function Screen({ look }: { look: Look }) {
  const words = useWords();
  if (look.html !== null && look.html !== "") {
    return (
      <div className="mail in-mail">
        <header>
          <strong>
            <Labelled text={look.subject || words("message.no_subject")} />
          </strong>
          {look.preheader ? <span className="in-faint">{look.preheader}</span> : null}
        </header>
        <iframe title={words("message.preview")} sandbox="" srcDoc={look.html} />
      </div>
    );
  }
  if (look.channel === "push") {
    return (
      <div className="phone">
        <div className="push">
          <span className="app">
            <Bell aria-hidden size={16} />
          </span>
          <div>
            <strong>
              <Labelled text={look.subject} />
            </strong>
            <Labelled text={look.body} />
          </div>
        </div>
      </div>
    );
  }
  return (
    <div className="phone in-phone" data-channel={look.channel}>
      {look.channel === "alimtalk" ? <p className="in-kakao">{words("message.alimtalk_arrived")}</p> : null}
      <div className="bubble">
        {look.subject ? <strong>{look.subject}</strong> : null}
        <Labelled text={look.body} />
      </div>
    </div>
  );
}

/** Text whose label of advertising, which the law wants in front, is seen at once. */
function Labelled({ text }: { text: string }) {
  if (!text.startsWith(LABEL)) return <span className="in-said">{text}</span>;
  return (
    <span className="in-said">
      <mark>{LABEL}</mark>
      {text.slice(LABEL.length)}
    </span>
  );
}

function Facts({ look }: { look: Look }) {
  const words = useWords();
  const { characters, bytes, limit } = look.facts;
  const isText = look.channel === "sms";
  const size = isText
    ? words(bytes <= SHORT_MESSAGE ? "message.facts_sms" : "message.facts_lms", { bytes: number(bytes), limit: number(bytes <= SHORT_MESSAGE ? SHORT_MESSAGE : LONG_MESSAGE) })
    : limit !== null
      ? words("message.facts_limit", { characters: number(characters), limit: number(limit) })
      : words("message.facts", { characters: number(characters) });
  const over = isText ? bytes > LONG_MESSAGE : limit !== null && characters > limit;
  return (
    <>
      <p className={over ? "in-wrong" : "in-help"}>{size}</p>
      {look.missing.length > 0 ? (
        <p className="in-missing">
          <TriangleAlert aria-hidden size={13} />
          {words("message.missing", { names: look.missing.join(", ") })}
        </p>
      ) : null}
      {look.problems.length > 0 ? (
        <ul className="in-wrong">
          {look.problems.map((one) => (
            <li key={one.code + one.message} data-severity={one.severity}>
              {say(one.text)}
            </li>
          ))}
        </ul>
      ) : null}
    </>
  );
}
