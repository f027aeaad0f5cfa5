const LABEL = "(광고)";

/** Text whose label of advertising, which the law wants in front, is seen at once. */
export function Labelled({ text }: { text: string }) {
  if (!text.startsWith(LABEL)) return <span className="in-said">{text}</span>;
  return (
    <span className="in-said">
      <mark>{LABEL}</mark>
      {text.slice(LABEL.length)}
    </span>
  );
}
