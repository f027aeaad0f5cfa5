/** Preferences of one reader, kept by the browser: what is folded away, which address was used last. */

const PREFIX = "sojourn.canvas.";

export function remembered(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null; // a browser may forbid it; then nothing is remembered
  }
}

export function remember(name: string, value: string): void {
  try {
    localStorage.setItem(PREFIX + name, value);
  } catch {
    // see above
  }
}
