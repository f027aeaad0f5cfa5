import { Command } from "cmdk";
import { Popover } from "radix-ui";
import { useMemo, useRef } from "react";
import { FAMILIES, useStepTypes } from "@/document/step-types";
import { NamedIcon } from "@/ui/icon";
import { say, useWords } from "@/words";
import { addAfter, addAt, insertAt } from "./actions";
import { type Picking, pick, usePicker } from "./picker-state";
import "@/board/drawing/tile.css";
import "@/ui/overlays.css";
import "./picker.css";

/** Ranks titles that begin with the typed text first, then titles that contain it, then meanings that do: "exit" finds Exit first. */
function rank(_: string, typed: string, keywords: string[] = []): number {
  const wanted = typed.trim().toLowerCase();
  const [en = "", ko = "", meaning = ""] = keywords.map((word) => word.toLowerCase());
  if (en.startsWith(wanted) || ko.startsWith(wanted)) return 1;
  if (en.includes(wanted) || ko.includes(wanted)) return 0.6;
  return meaning.includes(wanted) ? 0.2 : 0;
}

/** A searchable list of all kinds of steps by family, each with a line on what it is for. */
export function Picker() {
  const picking = usePicker((state) => state.picking);
  const words = useWords();
  const items = useStepTypes((state) => state.items);
  const back = useRef<Element | null>(null);
  const at = picking?.at;
  const anchor = useMemo(() => ({ current: { getBoundingClientRect: () => new DOMRect(at?.x ?? 0, at?.y ?? 0, 0, 0) } }), [at?.x, at?.y]);
  if (!picking) return null;
  const choose = (kind: string): void => {
    back.current = null;
    pick(null);
    place(kind, picking);
  };
  return (
    <Popover.Root open onOpenChange={(open) => !open && pick(null)}>
      <Popover.Anchor virtualRef={anchor} />
      <Popover.Portal>
        <Popover.Content
          className="picker"
          align="center"
          collisionPadding={8}
          aria-label={words("picker.title")}
          onOpenAutoFocus={() => {
            back.current = document.activeElement;
          }}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            if (back.current instanceof HTMLElement) back.current.focus();
          }}
        >
          <Command label={words("picker.title")} filter={rank} loop>
            <Command.Input placeholder={words("picker.search")} autoFocus />
            <Command.List label={words("palette.title")}>
              <Command.Empty>{words("picker.nothing")}</Command.Empty>
              {FAMILIES.map((family) => (
                <Command.Group key={family} heading={words(`family.${family}`)}>
                  {items
                    .filter((type) => type.family === family)
                    .map((type) => (
                      <Command.Item
                        key={type.kind}
                        value={type.kind}
                        keywords={[...Object.values(type.title), say(type.meaning)]}
                        data-kind={type.kind}
                        onSelect={() => choose(type.kind)}
                      >
                        <span className={`tile f-${type.family}`}>
                          <NamedIcon name={type.icon} />
                        </span>
                        <span className="picker-words">
                          <strong>{say(type.title)}</strong>
                          <span>{say(type.meaning)}</span>
                        </span>
                      </Command.Item>
                    ))}
                </Command.Group>
              ))}
            </Command.List>
          </Command>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

function place(kind: string, { purpose }: Picking): void {
  if ("into" in purpose) insertAt(kind, purpose.into);
  else if ("after" in purpose) addAfter(kind, purpose.after.id, purpose.after.port);
  else addAt(kind, purpose.place, purpose.from);
}
