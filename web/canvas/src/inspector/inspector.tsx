import { useDraft } from "@/document/store";
import { useUi } from "@/ui/state";
import { JourneySettings } from "./journey-settings";

/** What the selected step says and how it is changed; with nothing selected, the journey's own settings. */
export function Inspector() {
  const id = useUi((ui) => (ui.selection.steps.length === 1 ? ui.selection.steps[0] : undefined));
  const step = useDraft((draft) => draft.document.steps.find((one) => one.id === id));
  return step ? <h2>{step.id}</h2> : <JourneySettings />;
}
