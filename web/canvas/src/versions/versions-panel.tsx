/** The history of versions. */
export function VersionsPanel() {
  return null;
}
