/** Mounts the editor of a segment's condition in its form. The form's own field holds the condition, and is what is sent. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { loadNames } from "@/document/names";
import { loadStepTypes } from "@/document/step-types";
import { SegmentCondition } from "@/segments/condition";
import { startWords } from "@/words";

const place = document.getElementById("segment-condition");
const field = document.getElementById("f-condition");
if (place && field instanceof HTMLTextAreaElement) {
  void Promise.all([startWords(), loadStepTypes(), loadNames().catch(() => undefined)]).then(() => {
    const file = field.closest<HTMLElement>("[data-segment-file]");
    if (file) file.hidden = true;
    createRoot(place).render(
      <StrictMode>
        <SegmentCondition segment={place.dataset.key ?? ""} field={field} />
      </StrictMode>,
    );
  });
}
