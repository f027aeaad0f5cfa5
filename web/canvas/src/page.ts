/** What the page tells the canvas (`<script type="application/json" id="canvas-page">`). */

export type Page = {
  key: string;
  /** What its reader may do: read, draw, operate, administer. */
  can: string[];
  timeZone: string;
  temporalUrl: string;
  /** Address of the icons that the server names. */
  icons: string;
};

const told = typeof document === "undefined" ? null : document.getElementById("canvas-page");
export const page: Page = {
  key: "",
  can: [],
  timeZone: "UTC",
  temporalUrl: "",
  icons: "",
  ...(JSON.parse(told?.textContent || "{}") as Partial<Page>),
};
