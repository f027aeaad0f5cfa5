/** A message of a test run as its receiver would see it. */

import { useChannel } from "@/messages/channels";
import type { SendOptions } from "@/phone/message";
import { PhoneScreen } from "@/phone/screen";
import type { Message } from "@/timeline/entries";
import { MailFrame } from "@/ui/mail-frame";
import { useWords } from "@/words";

export function SentMessage({ send, open }: { send: Message; open: boolean }) {
  const words = useWords();
  const content = send.content;
  if (!content) return null;
  const first = content.subject || content.body.split("\n").find((line) => line.trim()) || "";
  return (
    <details className="t-message" open={open}>
      <summary className="p-cut">
        {words("test.as_seen")} · {first}
      </summary>
      {content.missing && content.missing.length > 0 && <p className="p-warn">{words("test.missing", { names: content.missing.join(", ") })}</p>}
      <Screen channel={send.channel} content={content} />
    </details>
  );
}

function Screen({ channel, content }: { channel: string | null; content: NonNullable<Message["content"]> }) {
  const shape = useChannel(channel ?? "")?.preview;
  if (shape === "mail") {
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
  // Which class it was decided in, a test run does not tell; what is neither approved nor text is advertising.
  return <PhoneScreen shown={{ ...content, channel: channel ?? "", sender: "", options: content.options as SendOptions, advertising: true }} />;
}
