import { useDraft } from "@/document/store";
import { inLocale } from "@/words";

/** The journey's own settings: who enters, what ends it, what counts as success. */
export function JourneySettings() {
  const journey = useDraft((draft) => draft.document);
  return <h2>{inLocale(journey.name, journey.key)}</h2>;
}
