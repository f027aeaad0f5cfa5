/** The journey as an outline. */
export function ListView() {
  return null;
}
