/** Two lines of what happened, compared: what the second has that the first had not, and what it has no more. */

import type { TimelineEntry } from "./entries";

export type LineDifference = { fresh: Set<number>; gone: TimelineEntry[] };

const keyOf = (entry: TimelineEntry): string => [Date.parse(entry.at), entry.kind, entry.step ?? "", entry.name, entry.send?.outcome ?? ""].join("|");

/** `until`: the former line is compared up to here, for the later of it has not been played again. */
export function compareLines(former: readonly TimelineEntry[], now: readonly TimelineEntry[], until: number): LineDifference {
  const left = new Map<string, TimelineEntry[]>();
  for (const entry of former) {
    const key = keyOf(entry);
    left.set(key, [...(left.get(key) ?? []), entry]);
  }
  const fresh = new Set<number>();
  now.forEach((entry, index) => {
    const same = left.get(keyOf(entry));
    if (same?.length) same.pop();
    else fresh.add(index);
  });
  const gone = [...left.values()].flat().filter((entry) => Date.parse(entry.at) <= until);
  return { fresh, gone: gone.sort((a, b) => Date.parse(a.at) - Date.parse(b.at)) };
}
