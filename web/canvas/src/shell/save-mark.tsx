import { Check, CloudAlert, CloudUpload, Lock, TriangleAlert } from "lucide-react";
import { useSync } from "@/document/store";
import { saveNow } from "@/document/sync";
import { page } from "@/page";
import { language, useWords } from "@/words";
import { Tip } from "./tip";

/** How the draft stands with the server, and since when. */
export function SaveMark() {
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
  const at = savedAt === null ? "" : new Intl.DateTimeFormat(language(), { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.timeZone }).format(savedAt);
  const said = save === "saved" ? (at ? words("save.saved_at", { at }) : words("save.saved")) : save === "conflict" ? words("save.conflict") : words("save.saving");
  return (
    <span className={`save-mark${save === "conflict" ? " trouble" : ""}`} role="status" data-save={save}>
      {save === "saved" ? <Check aria-hidden="true" /> : save === "conflict" ? <TriangleAlert aria-hidden="true" /> : <CloudUpload aria-hidden="true" />}
      {said}
    </span>
  );
}
