/** The button and the keys of the page around the canvas open the canvas's list, which has its steps as well. */
export function onPalette(open: () => void): () => void {
  const taken = (event: Event): void => {
    event.preventDefault();
    open();
  };
  document.addEventListener("sojourn:palette", taken);
  return () => document.removeEventListener("sojourn:palette", taken);
}
