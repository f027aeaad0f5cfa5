/** What a customer would see: the server's own rendering, for somebody who exists or is made up. */

import { Bell, Code, Monitor, Moon, Smartphone, TriangleAlert } from "lucide-react";
import { useMemo, useState } from "react";
import { create } from "zustand";
import { TextInput } from "@/inspector/controls";
import { ExamplePicker } from "@/inspector/example-picker";
import { type Preview, useExample, usePreview } from "@/inspector/preview";
import { Labelled } from "@/ui/labelled";
import { MailFrame } from "@/ui/mail-frame";
import { say, useWords } from "@/words";
import { asked, type Look, nested, sample } from "./model";
import { useTemplate } from "./store";

const useValues = create<{ given: Record<string, string> }>()(() => ({ given: {} }));

/** Sample values of the event and the journey: made up, unless somebody wrote others. */
export function useSample() {
  const document = useTemplate((state) => state.document);
  const given = useValues((state) => state.given);
  return useMemo(() => {
    const paths = asked(document);
    return nested(Object.fromEntries(paths.map((path) => [path, given[path] ?? sample(path)])));
  }, [document, given]);
}

export function useLook(): Preview<Look> {
  const { document, channel, locale } = useTemplate();
  const customer = useExample((state) => state.customer);
  const values = useSample();
  const question =
    channel === null
      ? null
      : { document, channel, locale, event: { properties: values.entry }, variables: values.var, ...(customer ? { customer: { id: customer.id } } : {}) };
  return usePreview<Look>("/api/previews/template", question);
}

export function LookPanel({ data, problem, pending }: Preview<Look>) {
  const words = useWords();
  const [width, setWidth] = useState<"desktop" | "mobile">("desktop");
  const [dark, setDark] = useState(false);
  const [source, setSource] = useState(false);
  const mail = data?.channel === "email";
  return (
    <section className="te-look" aria-label={words("message.preview")}>
      <div className="te-look-head">
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
          <Source look={data} />
        ) : (
          <Screen look={data} dark={dark} />
        )}
      </div>
      {data ? <Said look={data} /> : null}
      <Samples />
    </section>
  );
}

function Said({ look }: { look: Look }) {
  const words = useWords();
  return (
    <div className="te-said">
      {look.refused ? (
        <p className="in-wrong">
          <TriangleAlert aria-hidden size={13} /> {words("tpl.not_sent", { reason: say(look.refused) })}
        </p>
      ) : null}
      {look.missing.length > 0 && !look.refused ? (
        <p className="in-missing">
          <TriangleAlert aria-hidden size={13} />
          {words("message.missing", { names: look.missing.join(", ") })}
        </p>
      ) : null}
      {look.facts.limit === null && look.notes.length > 0 ? (
        <ul className="in-notes">
          {look.notes.map((note) => (
            <li key={note.en}>{say(note)}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

function Source({ look }: { look: Look }) {
  const words = useWords();
  const [shown, setShown] = useState<"mjml" | "html" | "text">(look.mjml ? "mjml" : "html");
  const text = shown === "mjml" ? look.mjml : shown === "html" ? look.html : look.body;
  return (
    <div className="te-source">
      <span className="in-segments" role="group" aria-label={words("tpl.source")}>
        {(["mjml", "html", "text"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={shown === one} disabled={one === "mjml" && !look.mjml} onClick={() => setShown(one)}>
            {one === "text" ? words("tpl.plain") : one.toUpperCase()}
          </button>
        ))}
      </span>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

function Screen({ look, dark }: { look: Look; dark: boolean }) {
  switch (look.channel) {
    case "email":
      return <Mail look={look} dark={dark} />;
    case "push":
    case "web_push":
      return <Push look={look} />;
    case "in_app":
      return <OnSite look={look} />;
    default:
      return <Talk look={look} />;
  }
}

function Mail({ look, dark }: { look: Look; dark: boolean }) {
  const words = useWords();
  return (
    <div className="mail te-mail">
      <header>
        <strong>
          <Labelled text={look.subject || words("message.no_subject")} />
        </strong>
        {look.preheader ? <span className="in-faint">{look.preheader}</span> : null}
      </header>
      <MailFrame html={look.html ?? ""} title={words("message.preview")} dark={dark} />
    </div>
  );
}

function Push({ look }: { look: Look }) {
  const words = useWords();
  return (
    <div className="phone te-phone">
      <div className="push">
        <span className="app">
          <Bell aria-hidden size={16} />
        </span>
        <div>
          <span className="who">
            <span>{words("tpl.your_shop")}</span>
            <span>{words("tpl.now")}</span>
          </span>
          <strong>
            <Labelled text={look.subject} />
          </strong>
          <Labelled text={look.body} />
        </div>
      </div>
      {look.options.image ? <Address what={words("tpl.image")} text={look.options.image} /> : null}
      {look.options.link ? <Address what={words("tpl.leads_to")} text={look.options.link} /> : null}
    </div>
  );
}

function OnSite({ look }: { look: Look }) {
  const words = useWords();
  return (
    <div className="te-site" data-look={look.options.data?.look ?? "card"}>
      <div className="te-site-page" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <div className="te-site-message" role="group" aria-label={words("message.preview")}>
        {look.options.image ? <Address what={words("tpl.image")} text={look.options.image} /> : null}
        {look.subject ? (
          <strong>
            <Labelled text={look.subject} />
          </strong>
        ) : null}
        <Labelled text={look.body} />
        <Buttons look={look} />
      </div>
    </div>
  );
}

/** SMS, Alimtalk and Brand Message: a bubble on a telephone. */
function Talk({ look }: { look: Look }) {
  const words = useWords();
  const { coupon, image } = look.options;
  return (
    <div className="phone te-phone" data-channel={look.channel}>
      {look.channel === "alimtalk" ? <p className="in-kakao">{words("message.alimtalk_arrived")}</p> : null}
      <div className="bubble" data-wide={look.options.wide || undefined}>
        {image ? <Address what={words("tpl.image")} text={image} /> : null}
        {look.subject && look.facts.form !== "sms" ? <strong>{look.subject}</strong> : null}
        <Labelled text={look.body} />
        {coupon ? (
          <span className="te-coupon">
            <strong>{coupon.title}</strong>
            <span>{coupon.description}</span>
          </span>
        ) : null}
        <Buttons look={look} />
      </div>
    </div>
  );
}

function Buttons({ look }: { look: Look }) {
  const buttons = look.options.buttons ?? [];
  if (buttons.length === 0) return null;
  return (
    <span className="te-buttons">
      {buttons.map((one, n) => (
        <span key={n} title={one.url}>
          {one.name}
        </span>
      ))}
    </span>
  );
}

function Address({ what, text }: { what: string; text: string }) {
  return (
    <span className="te-address">
      <span>{what}</span> <code>{text}</code>
    </span>
  );
}

/** Values that the texts take from an event or a journey, to be tried out. */
function Samples() {
  const words = useWords();
  const document = useTemplate((state) => state.document);
  const given = useValues((state) => state.given);
  const paths = asked(document);
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
