/** The colours of the page as they are at this moment: light or dark, by the reader's choice or the system's. */

export type Look = {
  text: string;
  soft: string;
  faint: string;
  line: string;
  edge: string;
  surface: string;
  raised: string;
  accent: string;
  /** The quiet end of a scale that ends in the accent. */
  low: string;
  stages: Record<string, string>;
  font: string;
};

const NAMES = {
  text: "--text", soft: "--soft", faint: "--faint", line: "--line", edge: "--edge", surface: "--surface", raised: "--raised",
  accent: "--accent", low: "--accent-ground",
} as const;
const STAGES = ["intake", "adaptation", "retention", "churn_signal", "none"] as const;

/** Asked of an element, which alone knows what a variable and `light-dark()` come to where it stands. */
export function lookOf(place: HTMLElement): Look {
  const probe = document.createElement("i");
  probe.hidden = true;
  place.append(probe);
  const colour = (variable: string): string => {
    probe.style.color = `var(${variable})`;
    return getComputedStyle(probe).color;
  };
  const plain = Object.fromEntries(Object.entries(NAMES).map(([name, variable]) => [name, colour(variable)])) as Record<keyof typeof NAMES, string>;
  const stages = Object.fromEntries(STAGES.map((stage) => [stage, colour(`--${stage}`)]));
  probe.remove();
  return { ...plain, stages, font: getComputedStyle(place).fontFamily };
}

type Rgb = [number, number, number];

function rgb(colour: string): Rgb {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  if (hex) return [0, 2, 4].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as Rgb;
  const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  return parts.length === 3 ? (parts as Rgb) : [0, 0, 0];
}

/** Between two colours; 0 is the first. */
export function mix(from: string, to: string, part: number): string {
  const [a, b] = [rgb(from), rgb(to)];
  return `rgb(${a.map((one, n) => Math.round(one + ((b[n] as number) - one) * part)).join(", ")})`;
}

function luminance(colour: string): number {
  const [r, g, b] = rgb(colour).map((one) => {
    const value = one / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** How well one is read on the other, by WCAG: 1 to 21. */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const WELL = 4.5;

/** The ink that is read on a ground: the page's own where it is read well, else black or white, of which one always is. */
export function inkOn(ground: string, look: Look): string {
  const own = [look.text, look.surface].find((one) => contrast(one, ground) >= WELL);
  return own ?? (contrast("#000000", ground) > contrast("#ffffff", ground) ? "#000000" : "#ffffff");
}

/** Of series that are no stages: shades of the accent and greys. What tells them apart besides is their dash and their mark. */
export function shades(look: Look): string[] {
  return [look.accent, look.soft, mix(look.accent, look.surface, 0.45), look.text, look.edge, mix(look.accent, look.text, 0.5)];
}
