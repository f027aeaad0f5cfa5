/** A text field in which variables are chips. `{{ … }}` can be typed as well, and becomes one when it is complete. */

import { type ClipboardEvent, type KeyboardEvent, type Ref, useImperativeHandle, useLayoutEffect, useRef } from "react";
import type { ControlProps } from "@/forms/context";
import { caret, pieces, putCaret, read, show } from "./source";
import "./chips.css";

export type ChipInputHandle = { insert: (source: string) => void };

type Props = {
  value: string;
  change: (value: string) => void;
  readOnly: boolean;
  control: ControlProps;
  label: string;
  /** Several lines. */
  long: boolean;
  title: (path: string) => string;
  onFocus?: () => void;
  onBlur?: () => void;
  ref?: Ref<ChipInputHandle>;
};

type Steps = { past: string[]; future: string[]; at: number };
const PAUSE = 600;
const MOST_STEPS = 200;

/** Notes what stood there before; what is typed without a pause is one step. */
function remember(steps: Steps, before: string, pause = PAUSE): void {
  const now = Date.now();
  if (now - steps.at > pause || steps.past.length === 0) steps.past = [...steps.past.slice(1 - MOST_STEPS), before];
  steps.future = [];
  steps.at = now;
}

const chipsIn = (text: string): number => pieces(text).filter((one) => "source" in one).length;

export function ChipInput({ value, change, readOnly, control, label, long, title, onFocus, onBlur, ref }: Props) {
  const root = useRef<HTMLDivElement>(null);
  const shown = useRef<string | null>(null);
  const last = useRef<number | null>(null);
  const composing = useRef(false);
  const steps = useRef<Steps>({ past: [], future: [], at: 0 });

  useLayoutEffect(() => {
    const element = root.current;
    if (!element || shown.current === value || composing.current) return;
    const at = document.activeElement === element ? caret(element) : null;
    show(element, value, title);
    shown.current = value;
    if (at) putCaret(element, Math.min(at[1], value.length));
  }, [value, title]);

  /** Takes over what is in the element now; chips that were typed are drawn. */
  const take = (): void => {
    const element = root.current;
    if (!element || composing.current) return;
    const text = long ? read(element) : read(element).replaceAll("\n", " ");
    const at = caret(element);
    last.current = at?.[1] ?? null;
    if (chipsIn(text) !== element.querySelectorAll("[data-source]").length || (!long && read(element) !== text)) {
      show(element, text, title);
      if (at) putCaret(element, at[1]);
    }
    remember(steps.current, value);
    shown.current = text;
    change(text);
  };

  /** A composition is over: with its own end, or where the field is left or something is put into it before that. */
  const settle = (): void => {
    if (!composing.current) return;
    composing.current = false;
    take();
  };
  const put = (source: string): void => {
    const element = root.current;
    if (!element) return;
    settle();
    const now = shown.current ?? value; // a syllable that has just been composed is not in `value` yet
    const [from, to] = caret(element) ?? [last.current ?? now.length, last.current ?? now.length];
    const text = now.slice(0, from) + source + now.slice(to);
    remember(steps.current, now, 0);
    show(element, text, title);
    shown.current = text;
    last.current = from + source.length;
    change(text);
    const enter = (): void => {
      element.focus();
      putCaret(element, from + source.length);
    };
    if (document.activeElement === element) enter(); // who types on at once types behind it
    else requestAnimationFrame(enter);
  };
  useImperativeHandle(ref, () => ({ insert: put }));

  const copy = (event: ClipboardEvent): void => {
    const selection = document.getSelection();
    if (!selection || selection.rangeCount === 0 || selection.isCollapsed) return;
    event.clipboardData.setData("text/plain", read(selection.getRangeAt(0).cloneContents(), false));
    event.preventDefault();
    if (event.type === "cut" && !readOnly) document.execCommand("delete");
  };
  /** The browser's own undo does not know what was drawn anew. */
  const walk = (from: string[], to: string[]): void => {
    const element = root.current;
    const text = from.pop();
    if (!element || text === undefined) return;
    to.push(value);
    show(element, text, title);
    putCaret(element, text.length);
    shown.current = text;
    change(text);
  };
  const press = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing) return; // what is drawn anew under a composition would be written twice
    const key = event.key.toLowerCase();
    if ((event.ctrlKey || event.metaKey) && (key === "z" || key === "y")) {
      event.preventDefault();
      event.stopPropagation();
      const { past, future } = steps.current;
      if (key === "y" || event.shiftKey) walk(future, past);
      else walk(past, future);
      return;
    }
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (long) put("\n");
  };
  return (
    <div
      {...control}
      ref={root}
      className={`in-chips${long ? " in-chips-long" : ""}`}
      role="textbox"
      aria-label={label}
      aria-multiline={long}
      aria-readonly={readOnly || undefined}
      contentEditable={readOnly ? false : "plaintext-only"}
      suppressContentEditableWarning
      tabIndex={0}
      onInput={take}
      onCompositionStart={() => {
        composing.current = true;
      }}
      onCompositionEnd={settle}
      onKeyDown={press}
      onCopy={copy}
      onCut={copy}
      onFocus={onFocus}
      onBlur={() => {
        settle();
        last.current = root.current ? (caret(root.current)?.[1] ?? last.current) : null;
        onBlur?.();
      }}
    />
  );
}
