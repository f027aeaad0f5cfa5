/** The bar: what the template is called, how it stands, and what is done with it as a whole. */

import { Archive, ArchiveRestore, ArrowLeft, Check, CloudAlert, CloudUpload, Copy, History, Lock, MoreHorizontal, Redo2, Send, TriangleAlert, Undo2 } from "lucide-react";
import { DropdownMenu, Popover } from "radix-ui";
import { useState } from "react";
import { ApiProblem, call } from "@/api/client";
import type { Json, Problem } from "@/document/types";
import { asLocal, withMember } from "@/inspector/paths";
import { page } from "@/page";
import { IconButton } from "@/shell/tip";
import { toast } from "@/ui/announce";
import { inLocale, language, say, useWords } from "@/words";
import { ChecksButton } from "./checks-button";
import { HistoryDialog } from "./history";
import { type Channel, CHANNELS, type Look } from "./model";
import { act, edit, redo, saveNow, undo, useTemplate } from "./store";
import { TestSend } from "./test-send";

export function Bar({ look }: { look: Look | null }) {
  const words = useWords();
  const { document, template, past, future, readOnly } = useTemplate();
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
      <Standing />
      <SaveMark />
      <span className="toolbar-gap" />
      {readOnly ? null : (
        <span className="tools">
          <IconButton label={words("tpl.undo")} keys="Ctrl Z" disabled={past.length === 0} onClick={undo}>
            <Undo2 aria-hidden />
          </IconButton>
          <IconButton label={words("tpl.redo")} keys="Ctrl Shift Z" disabled={future.length === 0} onClick={redo}>
            <Redo2 aria-hidden />
          </IconButton>
        </span>
      )}
      <Problems />
      {readOnly ? null : (
        <>
          <ChecksButton />
          <TestSendButton look={look} />
          <button
            type="button"
            className="button primary"
            disabled={inUse && !template.has_changes && useTemplate.getState().save === "saved"}
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

/** Whether messages say this, something older, or nothing of it yet. */
function Standing() {
  const words = useWords();
  const { template } = useTemplate();
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

function SaveMark() {
  const words = useWords();
  const { save, savedAt, readOnly, trouble } = useTemplate();
  if (readOnly)
    return (
      <span className="save-mark">
        <Lock aria-hidden />
        {words("save.read_only")}
      </span>
    );
  if (save === "failed")
    return (
      <button type="button" className="save-mark trouble" title={trouble || words("save.failed_why")} onClick={() => void saveNow()}>
        <CloudAlert aria-hidden />
        {words("save.failed")}
      </button>
    );
  const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: page.timeZone } as const;
  const at = savedAt === null ? "" : new Intl.DateTimeFormat(language(), clock).format(savedAt);
  const said = save === "saved" ? words("save.saved_at", { at }) : words(save === "conflict" ? "save.conflict" : "save.saving");
  return (
    <span className={`save-mark${save === "conflict" ? " trouble" : ""}`} role="status" data-save={save}>
      {save === "saved" ? <Check aria-hidden /> : save === "conflict" ? <TriangleAlert aria-hidden /> : <CloudUpload aria-hidden />}
      {said}
    </span>
  );
}

/** Everything that is wrong; a click leads to its channel and language. */
function Problems() {
  const words = useWords();
  const problems = useTemplate((state) => state.problems);
  const [open, setOpen] = useState(false);
  if (problems.length === 0) return <span className="te-sound">{words("tpl.sound")}</span>;
  const errors = problems.filter((one) => one.severity === "error").length;
  const go = (problem: Problem): void => {
    const [, channel, locale, part, n] = (problem.field ?? "").split(".");
    if (CHANNELS.some((one) => one === channel))
      useTemplate.setState((state) => ({
        channel: channel as Channel,
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

function TestSendButton({ look }: { look: Look | null }) {
  const words = useWords();
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <button type="button" className="button" disabled={look === null}>
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
  const { template, readOnly } = useTemplate();
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
