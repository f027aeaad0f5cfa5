/** The address of a picture: uploaded by file, drag or paste, chosen from the library, or written. */

import { ImageUp, Images, LoaderCircle } from "lucide-react";
import { type ClipboardEvent, type DragEvent, lazy, Suspense, useRef, useState } from "react";
import { ApiProblem } from "@/api/client";
import type { EditorProps } from "@/forms/editors";
import { useFormContext } from "@/forms/context";
import { isObject } from "@/forms/paths";
import { TemplateField } from "@/messages/text-field";
import { announce } from "@/ui/toasts";
import { useWords } from "@/words";
import { ACCEPTED, ownPath, type Picture, picturesIn, upload } from "./upload";
import "./picture-field.css";

const Library = lazy(() => import("./library").then((module) => ({ default: module.Library })));

export function PictureField(props: EditorProps) {
  const words = useWords();
  const { readOnly } = useFormContext();
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const [over, setOver] = useState(false);
  const [choosing, setChoosing] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const address = typeof props.value === "string" ? props.value : "";
  const shown = ownPath(address);

  /** Also says what the picture shows, where nothing is said yet. */
  const use = (picture: Picture): void => {
    const beside = isObject(props.beside?.value) ? props.beside.value : {};
    const describes = props.beside?.schema.properties && "alt" in props.beside.schema.properties;
    const name = String(props.path.at(-1));
    if (describes && props.changeBeside && !beside.alt && picture.alt) props.changeBeside({ [name]: picture.url, alt: picture.alt });
    else props.change(picture.url);
    setWrong("");
    announce(words("media.taken", { name: picture.title }));
  };
  const send = async (files: File[]): Promise<void> => {
    const [file] = files;
    if (!file || readOnly) return;
    setBusy(true);
    setWrong("");
    try {
      use(await upload(file));
    } catch (problem) {
      setWrong(problem instanceof ApiProblem ? problem.message : words("panel.no_answer"));
    }
    setBusy(false);
  };
  const drop = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    setOver(false);
    void send(picturesIn(event.dataTransfer.files));
  };
  const paste = (event: ClipboardEvent): void => {
    const files = picturesIn(event.clipboardData.files);
    if (files.length === 0) return;
    event.preventDefault();
    void send(files);
  };
  return (
    <div
      className="me-field"
      data-over={over || undefined}
      onDragOver={(event) => {
        if (!event.dataTransfer.types.includes("Files")) return;
        event.preventDefault();
        event.stopPropagation();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      onPaste={paste}
    >
      {readOnly ? null : (
        <div className="me-box" aria-busy={busy}>
          {shown ? <img src={shown} alt="" /> : <ImageUp aria-hidden size={20} />}
          <div>
            <p className="in-help">{words(busy ? "media.sending" : "media.drop")}</p>
            <div className="me-tools">
              <input
                ref={input}
                className="hidden"
                type="file"
                accept={ACCEPTED}
                tabIndex={-1}
                aria-hidden
                onChange={(event) => {
                  void send(picturesIn(event.target.files));
                  event.target.value = "";
                }}
              />
              <button type="button" className="button" disabled={busy} onClick={() => input.current?.click()}>
                {busy ? <LoaderCircle aria-hidden size={14} className="me-turning" /> : <ImageUp aria-hidden size={14} />}
                {words("media.upload")}
              </button>
              <button type="button" className="button" disabled={busy} onClick={() => setChoosing(true)}>
                <Images aria-hidden size={14} />
                {words("media.library")}
              </button>
            </div>
          </div>
        </div>
      )}
      {wrong ? (
        <p className="in-wrong" role="alert">
          {wrong}
        </p>
      ) : null}
      <TemplateField {...props} />
      {choosing ? (
        <Suspense>
          <Library
            close={() => setChoosing(false)}
            take={(picture) => {
              setChoosing(false);
              use(picture);
            }}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
