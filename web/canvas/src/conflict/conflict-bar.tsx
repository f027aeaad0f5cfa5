/** What to do when somebody else saved meanwhile. */
export function ConflictBar() {
  return null;
}
