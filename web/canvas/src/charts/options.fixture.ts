/** The light page, in both languages, for tests. */

import type { Look } from "./look";
import type { Speech } from "./say";

export const LOOK: Look = {
  text: "#1b1f24", soft: "#57606a", faint: "#626c78", line: "#e1e4e8", edge: "#aab2bd", surface: "#ffffff", raised: "#ffffff", accent: "#3b5bdb", low: "#eef2ff", font: "Pretendard",
  stages: { intake: "#0b7a75", adaptation: "#2563b8", retention: "#7042b8", churn_signal: "#9a5b00", none: "#5d6773" },
};
export const ENGLISH: Speech = { language: "en", zone: "UTC", of: "{part} of {whole}", days: "{count} days", none: "–", before: "Period before" };
export const KOREAN: Speech = { ...ENGLISH, language: "ko", of: "{whole} 중 {part}", days: "{count}일" };
