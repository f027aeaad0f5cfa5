/** Mounts the canvas where the page has left room for it. The page says which journey, and what its reader may do. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "@/app";
import { startWords } from "@/words";

/** What the page tells the canvas (`<script type="application/json" id="canvas-page">`). */
export type Page = { key: string; can: string[]; timeZone: string; temporalUrl: string };

const place = document.getElementById("canvas");
const told = document.getElementById("canvas-page");
if (place && told) {
  const page = JSON.parse(told.textContent ?? "{}") as Page;
  void startWords().then(() =>
    createRoot(place).render(
      <StrictMode>
        <App page={page} />
      </StrictMode>,
    ),
  );
}
