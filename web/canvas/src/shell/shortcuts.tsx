import { useWords } from "@/words";
import { Dialog } from "@/ui/dialog";
import "./shortcuts.css";

const KEYS: { group: Word; rows: [string, Word][] }[] = [
  {
    group: "keys.walk",
    rows: [
      ["↑ ↓", "keys.along"],
      ["← →", "keys.siblings"],
      ["Enter", "keys.open"],
      ["Ctrl F", "keys.search"],
      ["Ctrl K", "keys.commands"],
      ["1", "keys.fit"],
    ],
  },
  {
    group: "keys.draw",
    rows: [
      ["A", "keys.add"],
      ["Alt ↑ ↓ ← →", "keys.move"],
      ["Del", "keys.remove"],
      ["Ctrl Z", "keys.undo"],
      ["Ctrl Shift Z", "keys.redo"],
      ["Shift F10", "keys.menu"],
    ],
  },
  {
    group: "keys.many",
    rows: [
      ["Ctrl A", "keys.all"],
      ["Shift", "keys.frame"],
      ["Ctrl C · X · V", "keys.clipboard"],
      ["Ctrl D", "keys.duplicate"],
      ["Esc", "keys.none"],
      ["?", "keys.this"],
    ],
  },
];

type Word = Parameters<ReturnType<typeof useWords>>[0];

/** What the keyboard does. */
export function Shortcuts({ onClose }: { onClose: () => void }) {
  const words = useWords();
  return (
    <Dialog label={words("keys.title")} className="shortcuts" onClose={onClose}>
      <h2>{words("keys.title")}</h2>
      {KEYS.map(({ group, rows }) => (
        <section key={group}>
          <h3>{words(group)}</h3>
          <dl>
            {rows.map(([keys, what]) => (
              <div key={what}>
                <dt>{words(what)}</dt>
                <dd>
                  <kbd>{keys}</kbd>
                </dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
      <button type="button" className="button" onClick={onClose}>
        {words("panel.close")}
      </button>
    </Dialog>
  );
}
