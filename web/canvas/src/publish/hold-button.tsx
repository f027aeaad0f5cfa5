/** A button for what cannot be undone: it has to be held down, with the pointer or with a key. */

import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from "react";
import "./publish.css";

export const HOLD = 1_200;

type Props = { children: ReactNode; hint: string; disabled?: boolean; done: () => void };

export function HoldButton({ children, hint, disabled = false, done }: Props) {
  const [held, setHeld] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const letGo = (): void => {
    clearTimeout(timer.current);
    setHeld(false);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const hold = (): void => {
    if (disabled || held) return;
    setHeld(true);
    timer.current = setTimeout(() => {
      setHeld(false);
      done();
    }, HOLD);
  };
  const key = (event: KeyboardEvent, then: () => void): void => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    then();
  };
  return (
    <button
      type="button"
      className={`button primary hold ${held ? "held" : ""}`}
      style={{ "--hold": `${HOLD}ms` } as React.CSSProperties}
      disabled={disabled}
      title={hint}
      aria-description={hint}
      onPointerDown={(event) => event.button === 0 && hold()}
      onPointerUp={letGo}
      onPointerLeave={letGo}
      onPointerCancel={letGo}
      onKeyDown={(event) => key(event, hold)}
      onKeyUp={(event) => key(event, letGo)}
      onBlur={letGo}
      onContextMenu={(event) => event.preventDefault()}
    >
      <span>{children}</span>
    </button>
  );
}
