import { Tooltip } from "radix-ui";
import type { ButtonHTMLAttributes, ReactElement, ReactNode } from "react";
import "./buttons.css";
import "./keys.css";
import "./overlays.css";

/** What a sign means, and its key, when one stops over it or comes to it with Tab. */
export function Tip({ label, keys, children }: { label: string; keys?: string; children: ReactElement }) {
  return (
    <Tooltip.Root>
      <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
      <Tooltip.Portal>
        <Tooltip.Content className="tip" sideOffset={6} collisionPadding={8}>
          {label}
          {keys ? <kbd>{keys}</kbd> : null}
        </Tooltip.Content>
      </Tooltip.Portal>
    </Tooltip.Root>
  );
}

type Props = ButtonHTMLAttributes<HTMLButtonElement> & { label: string; keys?: string; children: ReactNode };

/** A button that is only a sign: its name is said, and shown as a tip. */
export function IconButton({ label, keys, children, className = "", ...rest }: Props) {
  return (
    <Tip label={label} {...(keys ? { keys } : {})}>
      <button type="button" className={`ghost ${className}`} aria-label={label} {...rest}>
        {children}
      </button>
    </Tip>
  );
}
