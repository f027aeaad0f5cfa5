/** A message as its receiver sees it, drawn from the server's rendering. */

import { useState } from "react";
import { useChannel } from "@/messages/channels";
import { AdvertisingText } from "@/ui/advertising-text";
import { MailFrame } from "@/ui/mail-frame";
import { useWords } from "@/words";
import { PhoneScreen } from "@/phone/screen";
import type { TemplatePreview } from "./model";
import { useEditor, useTemplateDraft } from "./store";
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
  const mail = useChannel(preview.channel)?.preview === "mail";
  const advertising = useTemplateDraft((draft) => draft.document.class !== "informational");
  if (mail) return <Mail preview={preview} dark={dark} />;
  return <PhoneScreen shown={{ ...preview, form: preview.facts.form, advertising }} />;
}

function Mail({ preview, dark }: { preview: TemplatePreview; dark: boolean }) {
  const words = useWords();
  const open = useEditor((editor) => editor.block);
  const pick = (block: number): void => {
    useEditor.setState({ block });
    requestAnimationFrame(() => {
      const row = document.querySelector<HTMLElement>(`[data-row="${block}"]`);
      row?.scrollIntoView({ block: "nearest" });
      (row?.querySelector<HTMLElement>(".te-row-form [role='textbox'], .te-row-form textarea, .te-row-form input:not([type='file'])") ?? row?.querySelector<HTMLElement>(".te-open"))?.focus({ preventScroll: true });
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
