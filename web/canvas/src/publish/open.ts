/** The way to publishing, from the bar and from the list of problems. */

import { describedNow, useDescribed } from "@/document/described";
import { useUi } from "@/ui/state";
import { toast } from "@/ui/toasts";
import { word } from "@/words";

/** Opens what publishing would do; where errors forbid it, the errors. What counts is the draft of this moment, not the last one that was judged. */
export async function openPublish(): Promise<void> {
  await describedNow();
  const { described, refused } = useDescribed.getState();
  const errors = refused !== null || described.problems.some((problem) => problem.severity === "error");
  useUi.getState().set({ panel: errors ? "problems" : "publish", mode: "draw", shown: null });
  if (errors) toast(word("publish.errors"));
}
