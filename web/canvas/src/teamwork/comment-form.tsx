/** Where one says something: names of members are offered after an `@`. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useId, useRef, useState } from "react";
import { call } from "@/api/client";
import type { Answer } from "@/api/types";
import { reasonOf } from "@/ui/feedback";
import { useWords } from "@/words";
import { matching, type Member, named, namedIn, typedName } from "./mention";

type Members = Answer<"/api/members", "get">;
const useMembers = (): Member[] =>
  useQuery({ queryKey: ["members"], queryFn: async ({ signal }) => (await call<Members>("GET", "/api/members", { signal })).data.items, staleTime: 60_000 }).data ?? [];

type Props = { label: string; button: string; say: (body: string, mentions: string[]) => Promise<void>; cancel?: () => void };

export function CommentForm({ label, button, say, cancel }: Props) {
  const words = useWords();
  const members = useMembers();
  const list = useId();
  const field = useRef<HTMLTextAreaElement>(null);
  const [body, setBody] = useState("");
  const [cursor, setCursor] = useState<number | null>(null);
  const [chosen, setChosen] = useState(0);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<unknown>(null);
  const place = cursor === null ? null : typedName(body, cursor);
  const offered = place ? matching(members, place.part).filter(({ name }) => name !== place.part.trim()) : [];
  const at = Math.min(chosen, offered.length - 1);

  const follow = (): void => setCursor(field.current?.selectionStart ?? null);
  const take = (member: Member): void => {
    if (!place || cursor === null) return;
    const next = named(body, place.from, cursor, member);
    setBody(next.text);
    setCursor(null);
    requestAnimationFrame(() => {
      field.current?.focus();
      field.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  const send = async (): Promise<void> => {
    if (body.trim() === "" || busy) return;
    setBusy(true);
    setProblem(null);
    try {
      await say(body, namedIn(body, members).map(({ id }) => id));
      setBody("");
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  useEffect(() => setChosen(0), [place?.part]);

  return (
    <form
      className="t-form"
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      <textarea
        ref={field}
        className="p-text"
        rows={2}
        maxLength={4000}
        value={body}
        aria-label={label}
        placeholder={label}
        role="combobox"
        aria-autocomplete="list"
        aria-expanded={offered.length > 0}
        aria-controls={list}
        aria-activedescendant={offered.length > 0 ? `${list}-${at}` : undefined}
        onChange={(event) => {
          setBody(event.target.value);
          setCursor(event.target.selectionStart);
        }}
        onSelect={follow}
        onBlur={() => setCursor(null)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return; // Hangul that is not finished yet
          if (offered.length > 0) {
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step) setChosen((at + step + offered.length) % offered.length);
            else if (event.key === "Enter" || event.key === "Tab") take(offered[at] as Member);
            else if (event.key === "Escape") setCursor(null);
            else return;
            event.preventDefault();
            event.stopPropagation();
          } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            void send();
          }
        }}
      />
      <ul id={list} role="listbox" aria-label={words("comments.people")} className="t-people" hidden={offered.length === 0}>
        {offered.map((member, n) => (
          <li key={member.id} id={`${list}-${n}`} role="option" aria-selected={n === at} onMouseDown={(event) => event.preventDefault()} onClick={() => take(member)}>
            {member.name}
          </li>
        ))}
      </ul>
      {problem !== null && (
        <p className="p-warn" role="alert">
          {reasonOf(problem, words("panel.no_answer"))}
        </p>
      )}
      <div className="p-row">
        <button type="submit" className="button small primary" disabled={busy || body.trim() === ""}>
          {button}
        </button>
        {cancel && (
          <button type="button" className="button small" onClick={cancel}>
            {words("panel.cancel")}
          </button>
        )}
      </div>
    </form>
  );
}
