/** A window as narrow as a phone's: the journey is read and edited as a list there, and a panel covers it. */

const NARROW = "(max-width: 640px)";

export const isPhone = (): boolean => typeof window !== "undefined" && window.matchMedia?.(NARROW).matches === true;
