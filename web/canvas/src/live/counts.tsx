/** Counts of one step, of one way out, and of the whole journey. */
export function StepCounts({ id }: { id: string }) {
  return <span data-counts={id} />;
}

export function WayCount({ from, port }: { from: string; port: string }) {
  return <span data-count={`${from}/${port}`} />;
}

export function JourneyStrip() {
  return null;
}
