/** The library of pictures in a dialog: searched, added to, and one of them chosen. */

import { ImageUp, X } from "lucide-react";
import { type DragEvent, useEffect, useRef, useState } from "react";
import { ApiProblem } from "@/api/client";
import { Dialog } from "@/ui/dialog";
import { useWords } from "@/words";
import { ACCEPTED, ownPath, type Picture, picturesIn, search, upload } from "./upload";

export function Library({ close, take }: { close: () => void; take: (picture: Picture) => void }) {
  const words = useWords();
  const [typed, setTyped] = useState("");
  const [items, setItems] = useState<Picture[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [wrong, setWrong] = useState("");
  const [busy, setBusy] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const say = (problem: unknown): void => setWrong(problem instanceof ApiProblem ? problem.message : words("panel.no_answer"));
  useEffect(() => {
    const asked = new AbortController();
    const timer = setTimeout(
      () =>
        search(typed.trim(), null, asked.signal).then(
          (page) => {
            setItems(page.items);
            setNext(page.next);
            setWrong("");
          },
          (problem: unknown) => !asked.signal.aborted && say(problem),
        ),
      typed ? 200 : 0,
    );
    return () => {
      clearTimeout(timer);
      asked.abort();
    };
  }, [typed]);
  const more = async (): Promise<void> => {
    try {
      const page = await search(typed.trim(), next);
      setItems([...(items ?? []), ...page.items]);
      setNext(page.next);
    } catch (problem) {
      say(problem);
    }
  };
  const send = async (files: File[]): Promise<void> => {
    const [file] = files;
    if (!file) return;
    setBusy(true);
    try {
      take(await upload(file));
    } catch (problem) {
      say(problem);
      setBusy(false);
    }
  };
  const drop = (event: DragEvent): void => {
    event.preventDefault();
    void send(picturesIn(event.dataTransfer.files));
  };
  return (
    <Dialog label={words("media.library")} className="me-library" onClose={close}>
      <div className="me-library-inner" onDragOver={(event) => event.preventDefault()} onDrop={drop} onPaste={(event) => void send(picturesIn(event.clipboardData.files))}>
        <header>
          <h2>{words("media.library")}</h2>
          <input type="search" value={typed} placeholder={words("media.search")} aria-label={words("media.search")} onChange={(event) => setTyped(event.target.value)} />
          <input
            ref={input}
            className="hidden"
            type="file"
            accept={ACCEPTED}
            tabIndex={-1}
            aria-hidden
            onChange={(event) => void send(picturesIn(event.target.files))}
          />
          <button type="button" className="button primary" disabled={busy} onClick={() => input.current?.click()}>
            <ImageUp aria-hidden size={14} />
            {words(busy ? "media.sending" : "media.upload")}
          </button>
          <button type="button" className="in-icon" aria-label={words("panel.close")} onClick={close}>
            <X aria-hidden size={16} />
          </button>
        </header>
        {wrong ? (
          <p className="in-wrong" role="alert">
            {wrong}
          </p>
        ) : null}
        {items?.length === 0 ? <p className="me-none">{words(typed ? "media.none_found" : "media.none")}</p> : null}
        <ul aria-busy={items === null}>
          {(items ?? []).map((one) => (
            <li key={one.id}>
              <button type="button" onClick={() => take(one)}>
                <span className="me-frame">
                  <img src={ownPath(one.url) ?? ""} alt="" loading="lazy" />
                </span>
                <strong>{one.title}</strong>
                <span>
                  {one.width} × {one.height}
                </span>
              </button>
            </li>
          ))}
        </ul>
        {next ? (
          <button type="button" className="button" onClick={() => void more()}>
            {words("media.more")}
          </button>
        ) : null}
      </div>
    </Dialog>
  );
}
