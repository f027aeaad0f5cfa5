const LABEL = "(광고)";

/** Text of a message, in which the label that the law wants in front of advertising is highlighted. */
export function AdvertisingText({ text }: { text: string }) {
  if (!text.startsWith(LABEL)) return <span className="message-text">{text}</span>;
  return (
    <span className="message-text">
      <mark>{LABEL}</mark>
      {text.slice(LABEL.length)}
    </span>
  );
}
