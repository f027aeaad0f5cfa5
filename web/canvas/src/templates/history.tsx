/** Earlier revisions of the template, to bring back as the draft. */

import { useEffect, useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { page } from "@/page";
import { Dialog } from "@/ui/dialog";
import { language, useWords } from "@/words";
import { act, endpoint, useTemplateSync } from "./store";
import "./history.css";

type Revisions = Answer<"/api/message-templates/{key}/revisions", "get">;

export function HistoryDialog({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const readOnly = useTemplateSync((sync) => sync.readOnly);
  const [items, setItems] = useState<Revisions["items"] | null>(null);
  useEffect(() => {
    void call<Revisions>("GET", `${endpoint()}/revisions`).then(
      ({ data }) => setItems(data.items),
      () => setItems([]),
    );
  }, []);
  const at = new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short", timeZone: page.timeZone });
  return (
    <Dialog label={words("tpl.history")} className="te-history" onClose={onClose}>
      <h2>{words("tpl.history")}</h2>
      <p className="in-help">{words("tpl.history_line")}</p>
      {items?.length === 0 ? <p className="in-faint">{words("tpl.history_none")}</p> : null}
      <ul>
        {items?.map((one) => (
          <li key={one.revision}>
            <span>
              <strong>{words("tpl.revision", { number: one.revision })}</strong> {one.live ? <span className="te-badge" data-tone="live">{words("tpl.in_use")}</span> : null}
              <br />
              <span className="in-faint">
                {at.format(new Date(one.at))} {one.edited_by ? `· ${one.edited_by}` : ""}
              </span>
            </span>
            {readOnly ? null : (
              <button
                type="button"
                className="button"
                onClick={() => void act(`revisions/${one.revision}/restore`, words("tpl.brought_back", { number: one.revision })).then((done) => done && onClose())}
              >
                {words("tpl.bring_back")}
              </button>
            )}
          </li>
        ))}
      </ul>
      <button type="button" className="button" onClick={onClose}>
        {words("tpl.close")}
      </button>
    </Dialog>
  );
}
