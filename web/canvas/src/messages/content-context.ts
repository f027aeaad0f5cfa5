/** What the parts of a message's form share. */

import { createContext } from "react";

/** The open language, which the preview shows too; `without`: fields that the channels do not show; `approved`: channels
 * whose owner approves texts, for which a template has to have words. */
export const ContentContext = createContext<{
  locale: string;
  show: (locale: string) => void;
  without: readonly string[];
  approved?: readonly string[];
} | null>(null);
