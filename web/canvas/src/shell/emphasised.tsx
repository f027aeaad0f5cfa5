/** One line in words; what stands between asterisks is a name. */
export function Emphasised({ line }: { line: string }) {
  const parts = line.split("*");
  if (parts.length % 2 === 0) return <>{line}</>;
  return <>{parts.map((part, n) => (n % 2 ? <em key={n}>{part}</em> : part))}</>;
}
