/** Fills `useLive` while it is mounted. Shows nothing. */
export function LiveFeed() {
  return null;
}
