/** How small a drawing may become and still be read. Farther away, cards fold to icon and title, in letters that grow as the card shrinks. */

/** From here on a card is read as it is. */
export const READ_WHOLE = 0.8;
/** Nothing that shows the whole journey goes below this; what does not fit then is reached by the map, or by moving. */
export const SMALLEST = 0.37;
/** Below this zoom cards are folded. */
const FOLDED = 0.75;

/** Sizes of letters in folded cards, in pixels of the card, from which zoom on: on the screen 11 pixels at least, as long as `SMALLEST` holds. */
const LETTERS: readonly { from: number; size: number }[] = [
  { from: 0.62, size: 18 },
  { from: 0.55, size: 20 },
  { from: 0.46, size: 24 },
  { from: 0, size: 30 },
];

/** Letters of cards that are folded at this zoom, in pixels; null where they are not. */
export function foldedLetters(zoom: number): number | null {
  if (zoom >= FOLDED) return null;
  return LETTERS.find((one) => zoom >= one.from)?.size ?? null;
}
