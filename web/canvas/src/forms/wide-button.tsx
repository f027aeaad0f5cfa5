import { Maximize2, Minimize2 } from "lucide-react";
import { create } from "zustand";
import { useWords } from "@/words";

/** Whether the panel is wide, for conditions and messages. */
export const useWide = create<{ wide: boolean }>()(() => ({ wide: false }));

/** Makes the panel wide for what needs room, and narrow again. */
export function WideButton() {
  const words = useWords();
  const wide = useWide((state) => state.wide);
  const name = words(wide ? "inspector.narrow" : "inspector.wide");
  return (
    <button
      type="button"
      className="in-icon"
      aria-label={name}
      title={name}
      aria-pressed={wide}
      onClick={() => useWide.setState({ wide: !wide })}
    >
      {wide ? <Minimize2 aria-hidden size={14} /> : <Maximize2 aria-hidden size={14} />}
    </button>
  );
}
