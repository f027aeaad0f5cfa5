import { Popover } from "radix-ui";
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { useWords } from "@/words";
import { type ControlProps, useGesture } from "./context";
import "./fields.css";
import "./combobox.css";

export type Option = { value: string; label?: string; detail?: string | undefined };

const MOST = 60;
const labelOf = (option: Option): string => option.label ?? option.value;

function matching(options: readonly Option[], query: string): Option[] {
  const wanted = query.trim().toLowerCase();
  const found = options.filter((one) => `${labelOf(one)} ${one.value} ${one.detail ?? ""}`.toLowerCase().includes(wanted));
  const rank = (one: Option): number => (labelOf(one).toLowerCase().startsWith(wanted) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b)).slice(0, MOST);
}

/**
 * A field that completes. `free`: anything may be typed, and what nobody has seen yet is marked; otherwise only an
 * option can be chosen. What is typed is passed on by `onQuery`, for options that the server finds.
 */
export function Combobox({
  value,
  change,
  options,
  free = false,
  unseen,
  placeholder,
  readOnly,
  label,
  onQuery,
  control,
  className,
}: {
  value: string;
  change: (value: string) => void;
  options: readonly Option[];
  free?: boolean;
  /** Tooltip of a value that is not among the options. */
  unseen?: string | undefined;
  placeholder?: string;
  readOnly: boolean;
  label?: string;
  onQuery?: (query: string) => void;
  control?: ControlProps | undefined;
  className?: string;
}) {
  const words = useWords();
  const list = useId();
  const gesture = useGesture();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [query, setQuery] = useState<string | null>(null);
  const [active, setActive] = useState(-1);
  const chosen = options.find((one) => one.value === value);
  const shown = useMemo(() => (open ? matching(options, query ?? "") : []), [open, options, query]);
  const text = query !== null && (!free || open) ? query : chosen && !free ? labelOf(chosen) : value;

  const show = (): void => {
    if (readOnly) return;
    setOpen(true);
    setActive(-1);
  };
  const close = (): void => {
    setOpen(false);
    setQuery(null);
    setActive(-1);
  };
  const pick = (option: Option): void => {
    change(option.value);
    close();
  };
  const typed = (written: string): void => {
    setQuery(written);
    setOpen(true);
    setActive(free ? -1 : 0);
    onQuery?.(written);
    if (free) change(written);
  };
  const key = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return show();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((n) => (shown.length === 0 ? -1 : (n + step + shown.length) % shown.length));
    } else if (event.key === "Enter" && open && shown[active]) {
      event.preventDefault();
      pick(shown[active]);
    } else if (event.key === "Escape" && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  const isUnseen = free && unseen !== undefined && value.trim() !== "" && !chosen;
  return (
    <Popover.Root open={open && (shown.length > 0 || !free)} onOpenChange={(next) => (next ? show() : close())}>
      <Popover.Anchor asChild>
        <span className={`in-combo ${className ?? ""}`} data-unseen={isUnseen || undefined}>
          <input
            {...control}
            ref={input}
            role="combobox"
            aria-expanded={open}
            aria-controls={open ? list : undefined}
            aria-autocomplete="list"
            aria-activedescendant={open && active >= 0 ? `${list}-${active}` : undefined}
            aria-label={label}
            autoComplete="off"
            spellCheck={false}
            readOnly={readOnly}
            placeholder={placeholder}
            title={isUnseen ? unseen : undefined}
            value={text}
            onFocus={gesture.onFocus}
            onClick={show}
            onBlur={() => {
              gesture.onBlur();
              close();
            }}
            onChange={(event) => typed(event.target.value)}
            onKeyDown={key}
          />
          {isUnseen ? <small className="in-unseen">{words("inspector.unseen")}</small> : null}
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          id={list}
          role="listbox"
          aria-label={label ?? words("inspector.suggestions")}
          className="in-options"
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          onInteractOutside={(event) => {
            if (input.current?.contains(event.target as Element)) event.preventDefault();
          }}
          onMouseDown={(event) => event.preventDefault()}
        >
          {shown.map((option, n) => (
            <div
              key={option.value}
              id={`${list}-${n}`}
              role="option"
              aria-selected={n === active}
              tabIndex={-1}
              onMouseEnter={() => setActive(n)}
              onClick={() => pick(option)}
            >
              <span>{labelOf(option)}</span>
              {option.detail ? <small>{option.detail}</small> : null}
            </div>
          ))}
          {shown.length === 0 ? (
            <div role="option" aria-selected={false} aria-disabled className="in-none">
              {words("inspector.nothing_found")}
            </div>
          ) : null}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
