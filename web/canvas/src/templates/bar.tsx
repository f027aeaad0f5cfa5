/** The bar: name and state of the template, and actions on the whole of it. */

import { Archive, ArchiveRestore, ArrowLeft, Copy, History, MoreHorizontal, Redo2, Send, TriangleAlert, Undo2 } from "lucide-react";
import { DropdownMenu, Popover } from "radix-ui";
import { useState } from "react";
import { useStore } from "zustand";
import { ApiProblem, call } from "@/api/client";
import type { Json } from "@/document/types";
import { SaveMark } from "@/drafts/save-mark";
import type { FieldProblem } from "@/forms/context";
import { asLocal, withMember } from "@/forms/paths";
import { IconButton } from "@/ui/tip";
import { toast } from "@/ui/toasts";
import { inLocale, language, say, useWords } from "@/words";
import { ChecksButton } from "./checks-button";
import { HistoryDialog } from "./history";
import type { TemplatePreview } from "./model";
import { act, edit, redo, saveNow, undo, useEditor, useSavedTemplate, useTemplateDraft, useTemplateSync } from "./store";
import { TestSend } from "./test-send";
import "@/shell/toolbar.css";
import "@/ui/overlays.css";
import "./bar.css";

export function Bar({ preview }: { preview: TemplatePreview | null }) {
  const words = useWords();
  const document = useTemplateDraft((draft) => draft.document);
  const template = useSavedTemplate();
  const { readOnly, save } = useTemplateSync();
  const past = useStore(useTemplateDraft.temporal, (history) => history.pastStates.length > 0);
  const future = useStore(useTemplateDraft.temporal, (history) => history.futureStates.length > 0);
  const [shown, setShown] = useState<"history" | null>(null);
  const name = asLocal(document.name);
  const inUse = template.live_revision !== null;
  return (
    <div className="toolbar te-bar">
      <a className="ghost" href="/templates" aria-label={words("tpl.back")} title={words("tpl.back")}>
        <ArrowLeft aria-hidden />
      </a>
      <input
        className="journey-name"
        aria-label={words("tpl.name")}
        value={name[language()] ?? inLocale(name)}
        readOnly={readOnly}
        onChange={(event) => edit((now) => ({ ...now, name: { ...asLocal(now.name), [language()]: event.target.value } as Json }), "name")}
      />
      <UseBadge />
      <SaveMark useSync={useTemplateSync} saveNow={saveNow} />
      <span className="toolbar-gap" />
      {readOnly ? null : (
        <span className="tools">
          <IconButton label={words("tpl.undo")} keys="Ctrl Z" disabled={!past} onClick={undo}>
            <Undo2 aria-hidden />
          </IconButton>
          <IconButton label={words("tpl.redo")} keys="Ctrl Shift Z" disabled={!future} onClick={redo}>
            <Redo2 aria-hidden />
          </IconButton>
        </span>
      )}
      <Problems />
      {readOnly ? null : (
        <>
          <ChecksButton />
          <TestSendButton preview={preview} />
          <button
            type="button"
            className="button primary"
            disabled={inUse && !template.has_changes && save === "saved"}
            onClick={() => void act("use", words("tpl.used"))}
          >
            {words(inUse ? "tpl.use_again" : "tpl.use")}
          </button>
        </>
      )}
      <More onHistory={() => setShown("history")} />
      {shown === "history" ? <HistoryDialog onClose={() => setShown(null)} /> : null}
    </div>
  );
}

/** Whether the template is in use, with or without the last changes. */
function UseBadge() {
  const words = useWords();
  const template = useSavedTemplate();
  const uses = template.used_by.filter((one) => one.live).length;
  if (template.archived_at) return <span className="te-badge">{words("tpl.archived")}</span>;
  if (template.live_revision === null) return <span className="te-badge">{words("tpl.never_used")}</span>;
  return (
    <span className="te-badge" data-tone={template.has_changes ? "changed" : "live"}>
      {words(template.has_changes ? "tpl.has_changes" : "tpl.in_use")}
      {uses > 0 ? ` · ${words("tpl.journeys", { count: uses })}` : ""}
    </span>
  );
}

/** All problems; a click leads to the channel and language of each. */
function Problems() {
  const words = useWords();
  const problems = useEditor((editor) => editor.problems);
  const forms = useEditor((editor) => editor.forms);
  const [open, setOpen] = useState(false);
  if (problems.length === 0) return <span className="te-no-problems">{words("tpl.sound")}</span>;
  const errors = problems.filter((one) => one.severity === "error").length;
  const go = (problem: FieldProblem): void => {
    const [, channel, locale, part, n] = (problem.field ?? "").split(".");
    if (channel !== undefined && forms.channels.some((one) => one.channel === channel))
      useEditor.setState((state) => ({
        channel,
        locale: locale ?? state.locale,
        block: part === "blocks" && n !== undefined ? Number(n) : state.block,
      }));
    setOpen(false);
  };
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="button problem-count" data-tone={errors > 0 ? "error" : "warning"}>
          <TriangleAlert aria-hidden />
          {errors > 0 ? words("tpl.errors", { count: errors }) : words("tpl.warnings", { count: problems.length })}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="in-menu te-problems" align="end" sideOffset={6} collisionPadding={8} aria-label={words("tpl.problems")}>
          <ul>
            {problems.map((one) => (
              <li key={one.code + (one.field ?? "")} data-severity={one.severity}>
                <button type="button" onClick={() => go(one)}>
                  {say(one.text)}
                </button>
              </li>
            ))}
          </ul>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function TestSendButton({ preview }: { preview: TemplatePreview | null }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="button" disabled={preview === null}>
          <Send aria-hidden />
          {words("tpl.test")}
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content className="in-menu te-test" align="end" sideOffset={6} collisionPadding={8} aria-label={words("tpl.test")}>
          <TestSend done={() => setOpen(false)} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function More({ onHistory }: { onHistory: () => void }) {
  const words = useWords();
  const template = useSavedTemplate();
  const readOnly = useTemplateSync((sync) => sync.readOnly);
  const archived = template.archived_at !== null;
  const duplicate = async (): Promise<void> => {
    if (!(await saveNow())) return;
    try {
      const name = withMember({}, language(), words("tpl.copy_of", { name: inLocale(template.name, template.key) }));
      const { data } = await call<{ key: string }>("POST", "/api/message-templates", { body: { copy_of: template.key, name } });
      location.assign(`/templates/${encodeURIComponent(data.key)}`);
    } catch (problem) {
      toast(problem instanceof ApiProblem ? problem.message : words("tpl.no_answer"), { tone: "trouble" });
    }
  };
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>
        <button type="button" className="ghost" aria-label={words("tpl.more")}>
          <MoreHorizontal aria-hidden />
        </button>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu-box" align="end" sideOffset={6}>
          <DropdownMenu.Item onSelect={onHistory}>
            <History aria-hidden />
            {words("tpl.history")}
          </DropdownMenu.Item>
          {readOnly ? null : (
            <>
              <DropdownMenu.Item onSelect={() => void duplicate()}>
                <Copy aria-hidden />
                {words("tpl.duplicate")}
              </DropdownMenu.Item>
              <DropdownMenu.Item
                onSelect={() => void act("archive", words(archived ? "tpl.restored" : "tpl.archived_now"), { archived: !archived }, false)}
              >
                {archived ? <ArchiveRestore aria-hidden /> : <Archive aria-hidden />}
                {words(archived ? "tpl.unarchive" : "tpl.archive")}
              </DropdownMenu.Item>
            </>
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
