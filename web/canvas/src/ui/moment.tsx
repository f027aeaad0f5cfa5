import { when } from "./formats";

/** An instant on the workspace's clock, or in `zone`; in full when the pointer rests on it. */
export function Moment({ at, zone, form = "short" }: { at: string; zone?: string; form?: "short" | "time" }) {
  return (
    <time dateTime={at} title={when(at, "full", zone)}>
      {when(at, form, zone)}
    </time>
  );
}
