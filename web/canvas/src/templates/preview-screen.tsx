/** A message as its receiver sees it, drawn from the server's rendering. */

import { Bell } from "lucide-react";
import { useState } from "react";
import { useChannel } from "@/messages/channels";
import { AdvertisingText } from "@/ui/advertising-text";
import { MailFrame } from "@/ui/mail-frame";
import { useWords } from "@/words";
import type { TemplatePreview } from "./model";
import { useEditor } from "./store";
import "./source.css";

/** What is sent, as source: MJML, HTML or plain text. */
export function PreviewSource({ preview }: { preview: TemplatePreview }) {
  const words = useWords();
  const [shown, setShown] = useState<"mjml" | "html" | "text">(preview.mjml ? "mjml" : "html");
  const text = shown === "mjml" ? preview.mjml : shown === "html" ? preview.html : preview.body;
  return (
    <div className="te-source">
      <span className="in-segments" role="group" aria-label={words("tpl.source")}>
        {(["mjml", "html", "text"] as const).map((one) => (
          <button key={one} type="button" aria-pressed={shown === one} disabled={one === "mjml" && !preview.mjml} onClick={() => setShown(one)}>
            {one === "text" ? words("tpl.plain") : one.toUpperCase()}
          </button>
        ))}
      </span>
      <pre tabIndex={0}>{text}</pre>
    </div>
  );
}

/** The message on the device that its channel reaches. */
export function PreviewScreen({ preview, dark }: { preview: TemplatePreview; dark: boolean }) {
  switch (useChannel(preview.channel)?.preview) {
    case "mail":
      return <Mail preview={preview} dark={dark} />;
    case "notification":
      return <Push preview={preview} />;
    case "page":
      return <OnSite preview={preview} />;
    default:
      return <ChatBubble preview={preview} />;
  }
}

function Mail({ preview, dark }: { preview: TemplatePreview; dark: boolean }) {
  const words = useWords();
  const open = useEditor((editor) => editor.block);
  const pick = (block: number): void => {
    useEditor.setState({ block });
    requestAnimationFrame(() => {
      const row = document.querySelector<HTMLElement>(`[data-row="${block}"]`);
      row?.scrollIntoView({ block: "nearest" });
      (row?.querySelector<HTMLElement>(".te-row-form textarea, .te-row-form input:not([type='file'])") ?? row?.querySelector<HTMLElement>(".te-open"))?.focus({ preventScroll: true });
    });
  };
  return (
    <div className="mail te-mail">
      <header>
        <strong>
          <AdvertisingText text={preview.subject || words("message.no_subject")} />
        </strong>
        {preview.preheader ? <span className="in-faint">{preview.preheader}</span> : null}
      </header>
      <MailFrame html={preview.html ?? ""} title={words("message.preview")} dark={dark} pick={pick} picked={open} />
    </div>
  );
}

function Push({ preview }: { preview: TemplatePreview }) {
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
            <AdvertisingText text={preview.subject} />
          </strong>
          <AdvertisingText text={preview.body} />
        </div>
      </div>
      {preview.options.image ? <Address what={words("tpl.image")} text={preview.options.image} /> : null}
      {preview.options.link ? <Address what={words("tpl.leads_to")} text={preview.options.link} /> : null}
    </div>
  );
}

function OnSite({ preview }: { preview: TemplatePreview }) {
  const words = useWords();
  return (
    <div className="te-site" data-look={preview.options.data?.look ?? "card"}>
      <div className="te-site-page" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
      <div className="te-site-message" role="group" aria-label={words("message.preview")}>
        {preview.options.image ? <Address what={words("tpl.image")} text={preview.options.image} /> : null}
        {preview.subject ? (
          <strong>
            <AdvertisingText text={preview.subject} />
          </strong>
        ) : null}
        <AdvertisingText text={preview.body} />
        <Buttons preview={preview} />
      </div>
    </div>
  );
}

/** A bubble on a phone. */
function ChatBubble({ preview }: { preview: TemplatePreview }) {
  const words = useWords();
  const approved = useChannel(preview.channel)?.approved ?? false;
  const { coupon, image } = preview.options;
  return (
    <div className="phone te-phone" data-channel={preview.channel}>
      {approved ? <p className="in-kakao">{words("message.alimtalk_arrived")}</p> : null}
      <div className="bubble" data-wide={preview.options.wide || undefined}>
        {image ? <Address what={words("tpl.image")} text={image} /> : null}
        {preview.subject && preview.facts.form !== "sms" ? <strong>{preview.subject}</strong> : null}
        <AdvertisingText text={preview.body} />
        {coupon ? (
          <span className="te-coupon">
            <strong>{coupon.title}</strong>
            <span>{coupon.description}</span>
          </span>
        ) : null}
        <Buttons preview={preview} />
      </div>
    </div>
  );
}

function Buttons({ preview }: { preview: TemplatePreview }) {
  const buttons = preview.options.buttons ?? [];
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
