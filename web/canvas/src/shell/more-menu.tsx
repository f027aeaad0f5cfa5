import { Ellipsis } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import { useRef } from "react";
import { ApiProblem, call } from "@/api/client";
import { refreshJourney, saveNow, useDraft, useSync } from "@/document/draft";
import type { Draft } from "@/document/types";
import { page } from "@/page";
import { toast } from "@/ui/toasts";
import { useUi } from "@/ui/state";
import { useWords, word } from "@/words";
import { offerFile } from "@/yaml/store";
import { Tip } from "@/ui/tip";
import "@/ui/overlays.css";

const path = `/api/journeys/${encodeURIComponent(page.key)}`;

/** What is rarely needed: files, copies, closing the entry. */
export function MoreMenu() {
  const words = useWords();
  const file = useRef<HTMLInputElement>(null);
  const readOnly = useSync((sync) => sync.readOnly);
  const status = useSync((sync) => sync.current?.status);
  const item = (label: string, run: () => void, off = false) => (
    <DropdownMenu.Item disabled={off} onSelect={run}>
      {label}
    </DropdownMenu.Item>
  );
  return (
    <DropdownMenu.Root modal={false}>
      <Tip label={words("more.title")}>
        <DropdownMenu.Trigger asChild>
          <button type="button" className="ghost" aria-label={words("more.title")}>
            <Ellipsis aria-hidden="true" />
          </button>
        </DropdownMenu.Trigger>
      </Tip>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu-box" align="end" sideOffset={4} collisionPadding={8}>
          {item(words("more.yaml"), () => useUi.getState().set({ panel: "yaml" }))}
          {item(words("more.export_yaml"), () => void exported("yaml"))}
          {item(words("more.export_json"), () => void exported("json"))}
          {readOnly ? null : item(words("more.import"), () => file.current?.click())}
          <DropdownMenu.Separator />
          {readOnly ? null : item(words("more.duplicate"), () => void duplicate())}
          {item(words("more.figures"), () => location.assign(`/journeys/${encodeURIComponent(page.key)}/figures`))}
          {page.can.includes("operate") && (status === "live" || status === "paused") ? (
            <>
              <DropdownMenu.Separator />
              {status === "live" ? item(words("more.pause"), () => void turn("paused")) : item(words("more.resume"), () => void turn("live"))}
            </>
          ) : null}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
      <input
        ref={file}
        type="file"
        hidden
        accept=".yaml,.yml,.json,application/json,application/yaml"
        onChange={(event) => {
          const chosen = event.target.files?.[0];
          event.target.value = "";
          if (chosen) offerFile(chosen);
        }}
      />
    </DropdownMenu.Root>
  );
}

const failed = (problem: unknown): void =>
  toast(problem instanceof ApiProblem ? problem.message : word("panel.no_answer"), { tone: "trouble" });

async function exported(format: "yaml" | "json"): Promise<void> {
  await saveNow();
  const link = document.createElement("a");
  link.href = `${path}/file?format=${format}`;
  link.download = "";
  link.click();
}

async function duplicate(): Promise<void> {
  try {
    await saveNow();
    const { key: _, ...copy } = useDraft.getState().document;
    const name = Object.fromEntries(Object.entries(copy.name).map(([language, words]) => [language, word("more.copy_of", { name: words })]));
    const { data } = await call<Draft>("POST", "/api/journeys", { body: { name, document: { ...copy, name } } });
    location.assign(`/journeys/${encodeURIComponent(data.key)}`);
  } catch (problem) {
    failed(problem);
  }
}

/** Pauses the journey, or lets it go on. */
async function turn(status: "live" | "paused"): Promise<void> {
  try {
    await call("POST", `${path}/status`, { body: { status } });
    await refreshJourney();
    const action = { label: word("tool.undo"), run: () => void turn(status === "live" ? "paused" : "live") };
    toast(word(status === "live" ? "more.resumed" : "more.paused"), { action });
  } catch (problem) {
    failed(problem);
  }
}
