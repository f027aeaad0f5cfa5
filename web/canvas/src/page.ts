/** What the server put into the page for its script (`<script type="application/json" id="canvas-page">`). */

export type Page = {
  /** Of the journey or the template that the page is about. */
  key: string;
  /** What the reader may do: read, draw, operate, administer. */
  can: string[];
  timeZone: string;
  /** Address of the sprite with the icons that the server names. */
  icons: string;
  /** Address of the words in the page's language. */
  words: string;
  /** The languages that the product speaks. */
  languages: string[];
  /** The language of customers who have not said theirs. */
  customersSpeak: string;
};

const element = typeof document === "undefined" ? null : document.getElementById("canvas-page");
export const page: Page = {
  key: "",
  can: [],
  timeZone: "UTC",
  icons: "",
  words: "",
  languages: ["ko", "en"],
  customersSpeak: "ko",
  ...(JSON.parse(element?.textContent || "{}") as Partial<Page>),
};

/** Address of the journey in the API, or of something below it. */
export const journeyPath = (rest = ""): string => `/api/journeys/${encodeURIComponent(page.key)}${rest}`;

/** Whether the reader may do what needs this permission. */
export const may = (permission: "draw" | "operate"): boolean => page.can.includes(permission);
