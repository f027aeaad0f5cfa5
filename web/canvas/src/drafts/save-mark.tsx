import { Check, CloudAlert, CloudUpload, Lock, TriangleAlert } from "lucide-react";
import type { StoreApi, UseBoundStore } from "zustand";
import { page } from "@/page";
import { Tip } from "@/ui/tip";
import { language, useWords } from "@/words";
import type { SaveState, SyncState } from "./saved-draft";
import "./save-mark.css";

type Props<S> = { useSync: UseBoundStore<StoreApi<SyncState<S>>>; saveNow: () => Promise<boolean> };

const TIME = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.timeZone } as const;
const ICONS: Record<Exclude<SaveState, "failed">, typeof Check> = { saved: Check, waiting: CloudUpload, saving: CloudUpload, conflict: TriangleAlert };

/** Whether the draft is saved, and since when. After a failure, a button that tries again. */
export function SaveMark<S>({ useSync, saveNow }: Props<S>) {
  const words = useWords();
  const { save, savedAt, readOnly, problem } = useSync();
  if (readOnly) {
    return (
      <span className="save-mark">
        <Lock aria-hidden="true" />
        {words("save.read_only")}
      </span>
    );
  }
  if (save === "failed") {
    return (
      <Tip label={problem || words("save.failed_why")}>
        <button type="button" className="save-mark trouble" onClick={() => void saveNow()}>
          <CloudAlert aria-hidden="true" />
          {words("save.failed")}
        </button>
      </Tip>
    );
  }
  const Icon = ICONS[save];
  const saved = savedAt === null ? words("save.saved") : words("save.saved_at", { at: new Intl.DateTimeFormat(language(), TIME).format(savedAt) });
  return (
    <span className={`save-mark${save === "conflict" ? " trouble" : ""}`} role="status" data-save={save}>
      <Icon aria-hidden="true" />
      {save === "saved" ? saved : words(save === "conflict" ? "save.conflict" : "save.saving")}
    </span>
  );
}
