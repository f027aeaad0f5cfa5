/** Mounts the canvas in the page. The page names the journey, and what its reader may do. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app";
import { page } from "@/page";
import { startWords } from "@/words";

export type { Page } from "@/page";

const place = document.getElementById("canvas");
if (place && page.key) {
  void startWords().then(() =>
    createRoot(place).render(
      <StrictMode>
        <App page={page} />
      </StrictMode>,
    ),
  );
}
