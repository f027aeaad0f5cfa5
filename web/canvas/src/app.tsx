import type { Page } from "@/main";
import { useWords } from "@/words";

/** The whole canvas of one journey. */
export function App({ page }: { page: Page }) {
  const words = useWords();
  return <p data-journey={page.key}>{words("loading")}</p>;
}
