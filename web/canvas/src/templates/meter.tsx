/** How much of the channel's limit a message takes as it would be sent, with the label and opt-out that the law adds. */

import { useChannel } from "@/messages/channels";
import { number, say, useWords } from "@/words";
import type { TemplatePreview } from "./model";
import "./meter.css";

export function Meter({ preview, channel }: { preview: TemplatePreview | null; channel: string }) {
  const words = useWords();
  const chargedByLength = useChannel(channel)?.charged_by_length ?? false;
  if (!preview || preview.channel !== channel || preview.facts.limit === null) return null;
  const { characters, bytes, limit, unit, form, fits } = preview.facts;
  const measured = unit === "bytes" ? bytes : characters;
  const part = Math.min(100, Math.round((100 * measured) / limit));
  const text = words(unit === "bytes" ? "message.facts_bytes" : "message.facts_limit", { measured: number(measured), limit: number(limit) });
  const long = form === "lms";
  return (
    <div className="te-meter" data-tone={fits ? (long ? "long" : "fits") : "over"}>
      <div className="te-gauge" role="meter" aria-label={words("tpl.length")} aria-valuemin={0} aria-valuemax={limit} aria-valuenow={Math.min(measured, limit)} aria-valuetext={text}>
        <i style={{ width: `${part}%` }} />
      </div>
      <span>
        {chargedByLength ? <strong>{form.toUpperCase()}</strong> : null} {text}
      </span>
      {preview.notes.length > 0 ? (
        <ul className="in-notes">
          {preview.notes.map((note) => (
            <li key={say(note)}>{say(note)}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
