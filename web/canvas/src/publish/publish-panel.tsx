/** What publishing will do, and the button for it. */
export function PublishPanel() {
  return null;
}
