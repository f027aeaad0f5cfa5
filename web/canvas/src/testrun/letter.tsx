/** A message as its receiver would see it. */

import { Bell } from "lucide-react";
import type { SendLine } from "@/panels/story";
import { MailFrame } from "@/ui/mail-frame";
import { useWords } from "@/words";

export function Letter({ send, open }: { send: SendLine; open: boolean }) {
  const words = useWords();
  const content = send.content;
  if (!content) return null;
  const first = content.subject || content.body.split("\n").find((line) => line.trim()) || "";
  return (
    <details className="t-letter" open={open}>
      <summary className="p-cut">
        {words("test.as_seen")} · {first}
      </summary>
      {content.missing && content.missing.length > 0 && <p className="p-warn">{words("test.missing", { names: content.missing.join(", ") })}</p>}
      <Shape channel={send.channel} content={content} />
    </details>
  );
}

function Shape({ channel, content }: { channel: string; content: NonNullable<SendLine["content"]> }) {
  if (channel === "email") {
    return (
      <div className="mail">
        <header>
          <strong>{content.subject}</strong>
          {content.preheader && <span className="faint">{content.preheader}</span>}
        </header>
        {content.html ? <MailFrame className="frame" title={content.subject} html={content.html} /> : <div className="body t-whole">{content.body}</div>}
      </div>
    );
  }
  if (channel === "push") {
    return (
      <div className="phone">
        <div className="push">
          <span className="app">
            <Bell aria-hidden size={16} />
          </span>
          <div>
            <strong>{content.subject}</strong>
            <span>{content.body}</span>
          </div>
        </div>
      </div>
    );
  }
  return (
    <div className="phone">
      <div className="bubble">
        {content.subject && <strong>{`${content.subject}\n`}</strong>}
        {content.body}
      </div>
    </div>
  );
}
