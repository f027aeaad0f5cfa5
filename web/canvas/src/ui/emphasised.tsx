/** A phrase of the server's, which sets names between asterisks. */
export function Emphasised({ text }: { text: string }) {
  const parts = text.split(/\*([^*]+)\*/);
  return <>{parts.map((part, index) => (index % 2 ? <em key={index}>{part}</em> : part))}</>;
}
