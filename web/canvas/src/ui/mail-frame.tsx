/**
 * An e-mail in a frame, returned by the server: no script runs in it, and the page's content security policy, which a
 * frame made of text would inherit, does not apply to its styles.
 */

import { useEffect, useId, useRef } from "react";

export function MailFrame({ html, title, dark = false, className }: { html: string; title: string; dark?: boolean; className?: string }) {
  const name = `mail-${useId()}`;
  const form = useRef<HTMLFormElement>(null);
  useEffect(() => {
    const timer = setTimeout(() => form.current?.submit(), 50);
    return () => clearTimeout(timer);
  }, [html, dark]);
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf-token"]')?.content ?? "";
  return (
    <>
      <form ref={form} method="post" action="/templates/look" target={name} hidden>
        <input name="csrf" readOnly value={token} />
        <textarea name="html" readOnly value={html} />
        <input name="scheme" readOnly value={dark ? "dark" : "light"} />
      </form>
      <iframe className={className} name={name} title={title} sandbox="" />
    </>
  );
}
