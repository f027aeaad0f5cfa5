import { Maximize2, Minimize2 } from "lucide-react";
import { useWords } from "@/words";
import { useWide } from "./preview";

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
