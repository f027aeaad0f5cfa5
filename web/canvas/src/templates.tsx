/** Mounts the editor of a message template in the page. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { page } from "@/page";
import { TemplateApp } from "@/templates/app";
import { startWords } from "@/words";

const place = document.getElementById("template-editor");
if (place && page.key) {
  void startWords().then(() =>
    createRoot(place).render(
      <StrictMode>
        <TemplateApp />
      </StrictMode>,
    ),
  );
}
