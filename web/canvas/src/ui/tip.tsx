import { Tooltip } from "radix-ui";
import type { ButtonHTMLAttributes, ReactElement, ReactNode } from "react";
import "./buttons.css";
import "./keys.css";
import "./overlays.css";

/** A tooltip with the meaning of an icon, and its key. */
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

/** A button that is only an icon: its name is its label, and is shown as a tooltip. */
export function IconButton({ label, keys, children, className = "", ...rest }: Props) {
  return (
    <Tip label={label} {...(keys ? { keys } : {})}>
      <button type="button" className={`ghost ${className}`} aria-label={label} {...rest}>
        {children}
      </button>
    </Tip>
  );
}
