/** The draft as a file, to read, copy and download; and a file to replace the draft. */

import { useQuery } from "@tanstack/react-query";
import { Check, Copy, Download, FileUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { saveNow, useDraft, useSync } from "@/document/draft";
import { Failed, Loading } from "@/ui/feedback";
import { journeyPath, may } from "@/page";
import { useUi } from "@/ui/state";
import { language, useWords } from "@/words";
import { Importing } from "./importing";
import { dropFile, offerFile, useImport } from "./store";
import "./yaml.css";

type Format = "yaml" | "json";

async function fileText(format: Format, signal: AbortSignal): Promise<string> {
  await saveNow();
  const response = await fetch(journeyPath(`/file?format=${format}`), { signal, headers: { "accept-language": language() } });
  if (!response.ok) throw new Error(String(response.status));
  return response.text();
}

export function YamlPanel() {
  const words = useWords();
  const [format, setFormat] = useState<Format>("yaml");
  const file = useImport((state) => state.file);
  useEffect(() => () => void (useUi.getState().panel !== "yaml" && dropFile()), []);
  const chooser = useRef<HTMLInputElement>(null);
  const document = useDraft((state) => state.document);
  const readOnly = useSync((state) => state.readOnly);
  const found = useQuery({
    queryKey: ["file", format, document],
    queryFn: ({ signal }) => fileText(format, signal),
    placeholderData: (before, query) => (query?.queryKey[1] === format ? before : undefined),
    retry: false,
    gcTime: 0,
  });
  return (
    <div className="p-body">
      <div className="p-section p-row">
        <div className="p-tabs" role="group" aria-label={words("yaml.format")}>
          {(["yaml", "json"] as const).map((one) => (
            <button key={one} type="button" aria-pressed={format === one} onClick={() => setFormat(one)}>
              {one.toUpperCase()}
            </button>
          ))}
        </div>
        <CopyButton text={found.data ?? null} />
        <a className="p-button" href={journeyPath(`/file?format=${format}`)} download onClick={() => void saveNow()}>
          <Download aria-hidden size={14} />
          {words("yaml.download")}
        </a>
        {may("draw") && !readOnly && (
          <>
            <button type="button" className="p-button" onClick={() => chooser.current?.click()}>
              <FileUp aria-hidden size={14} />
              {words("yaml.import")}
            </button>
            <input
              ref={chooser}
              type="file"
              className="hidden"
              tabIndex={-1}
              aria-label={words("yaml.import")}
              accept=".yaml,.yml,.json,application/json,application/yaml"
              onChange={(event) => {
                const chosen = event.target.files?.[0];
                event.target.value = "";
                if (chosen) offerFile(chosen);
              }}
            />
          </>
        )}
      </div>
      {file && <Importing file={file} done={dropFile} />}
      {found.isPending ? (
        <Loading lines={14} />
      ) : found.isError ? (
        <Failed error={found.error} retry={() => void found.refetch()} />
      ) : (
        <pre className="p-scroll yaml" tabIndex={0} aria-label={words("yaml.title")}>
          {found.data}
        </pre>
      )}
    </div>
  );
}

function CopyButton({ text }: { text: string | null }) {
  const words = useWords();
  const [copied, setCopied] = useState<"no" | "yes" | "failed">("no");
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(text ?? "");
      setCopied("yes");
    } catch {
      setCopied("failed");
    }
    setTimeout(() => setCopied("no"), 2_000);
  };
  return (
    <button type="button" className="p-button" disabled={text === null} onClick={() => void copy()}>
      {copied === "yes" ? <Check aria-hidden size={14} /> : <Copy aria-hidden size={14} />}
      <span role="status">{words(copied === "yes" ? "yaml.copied" : copied === "failed" ? "yaml.not_copied" : "yaml.copy")}</span>
    </button>
  );
}
