/**
 * An e-mail in a frame, returned by the server: no script runs in it, and the page's content security policy, which a
 * frame made of text would inherit, does not apply to its styles.
 */

import { useEffect, useId, useRef } from "react";

/** `pick`: told the number of the block that is clicked on; then this page, and nothing else, watches the frame. */
export function MailFrame({
  html,
  title,
  dark = false,
  className,
  pick,
  picked = null,
}: {
  html: string;
  title: string;
  dark?: boolean;
  className?: string;
  pick?: ((block: number) => void) | undefined;
  picked?: number | null;
}) {
  const name = `mail-${useId()}`;
  const form = useRef<HTMLFormElement>(null);
  const frame = useRef<HTMLIFrameElement>(null);
  const chosen = useRef(pick);
  chosen.current = pick;
  useEffect(() => {
    const timer = setTimeout(() => form.current?.submit(), 50);
    return () => clearTimeout(timer);
  }, [html, dark]);
  useEffect(() => mark(frame.current, picked), [picked]);
  const watch = (): void => {
    const inside = frame.current?.contentDocument;
    if (!inside || !chosen.current) return;
    inside.addEventListener("click", (event) => {
      event.preventDefault(); // a link of the e-mail would lead the frame away
      const block = event.target instanceof inside.defaultView!.Node ? blockAt(inside, event.target) : null;
      if (block !== null) chosen.current?.(block);
    });
    if (inside.body) inside.body.style.cursor = "pointer";
    mark(frame.current, picked);
  };
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  return (
    <>
      <form ref={form} method="post" action="/templates/look" target={name} hidden>
        <input name="csrf" readOnly value={token} />
        <textarea name="html" readOnly value={html} />
        <input name="scheme" readOnly value={dark ? "dark" : "light"} />
        <input name="watched" readOnly value={pick ? "1" : ""} />
      </form>
      <iframe ref={frame} className={className} name={name} title={title} sandbox={pick ? "allow-same-origin" : ""} onLoad={watch} />
    </>
  );
}

const BLOCK = /^block (\d+)$/;

/** Comments tell where each block begins: what is clicked on belongs to the last that stands before it. */
function* marks(inside: Document): Generator<[number, Comment]> {
  const walker = inside.createTreeWalker(inside, NodeFilter.SHOW_COMMENT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const found = BLOCK.exec(node.nodeValue ?? "");
    if (found) yield [Number(found[1]), node as Comment];
  }
}

function blockAt(inside: Document, target: Node): number | null {
  let found: number | null = null;
  for (const [n, comment] of marks(inside)) {
    if (comment.compareDocumentPosition(target) & Node.DOCUMENT_POSITION_FOLLOWING) found = n;
    else break;
  }
  return found;
}

/** Shows which block is open, by a line around its first element. */
function mark(frame: HTMLIFrameElement | null, picked: number | null): void {
  const inside = frame?.contentDocument;
  if (!inside?.body) return;
  for (const [n, comment] of marks(inside)) {
    let next: Node | null = comment.nextSibling;
    while (next && next.nodeType !== Node.ELEMENT_NODE) next = next.nextSibling;
    const element = next as HTMLElement | null;
    if (!element) continue;
    element.style.outline = n === picked ? "2px solid #3b5bdb" : "";
    element.style.outlineOffset = "-2px";
    if (n === picked) element.scrollIntoView({ block: "nearest" });
  }
}
