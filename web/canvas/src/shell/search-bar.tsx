import { ChevronDown, ChevronUp, X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { useDescribed } from "@/document/described";
import { useOnCanvas } from "@/board/flow";
import { kindTitle, plain, summaryLine, titleOf } from "@/document/titles";
import { useUi } from "@/ui/state";
import { useWords } from "@/words";
import { IconButton } from "@/ui/tip";
import "./search-bar.css";

/** Finds steps by title, kind, summary or id; Enter leads to the next. */
export function SearchBar({ onClose }: { onClose: () => void }) {
  const words = useWords();
  const document = useOnCanvas();
  const described = useDescribed((state) => state.described);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const found = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    if (wanted === "") return [];
    const text = (step: (typeof document.steps)[number]): string => [titleOf(step), kindTitle(step.kind), plain(summaryLine(step)), step.id].join(" ").toLowerCase();
    return document.steps.filter((step) => text(step).includes(wanted)).map((step) => step.id);
  }, [document, described, query]);
  const show = (n: number): void => {
    const id = found[(n + found.length) % Math.max(1, found.length)];
    if (id === undefined) return;
    setAt((n + found.length) % found.length);
    useUi.getState().select([id]);
    useUi.getState().set({ focus: id });
  };
  useEffect(() => {
    if (found.length) show(0);
  }, [found.join(" ")]);
  return (
    <div
      className="search-bar"
      role="search"
      onKeyDown={(event) => {
        if (event.key === "Escape") onClose();
        else if (event.key === "Enter") show(at + (event.shiftKey ? -1 : 1));
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    >
      <input ref={field} type="search" value={query} placeholder={words("search.placeholder")} aria-label={words("search.placeholder")} onChange={(event) => setQuery(event.target.value)} />
      <span className="faint" role="status">
        {query.trim() === "" ? "" : found.length ? `${at + 1} / ${found.length}` : words("search.nothing")}
      </span>
      <IconButton label={words("search.previous")} keys="Shift Enter" onClick={() => show(at - 1)}>
        <ChevronUp aria-hidden="true" />
      </IconButton>
      <IconButton label={words("search.next")} keys="Enter" onClick={() => show(at + 1)}>
        <ChevronDown aria-hidden="true" />
      </IconButton>
      <IconButton label={words("panel.close")} keys="Esc" onClick={onClose}>
        <X aria-hidden="true" />
      </IconButton>
    </div>
  );
}
