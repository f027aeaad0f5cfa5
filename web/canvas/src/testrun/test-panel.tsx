/** A test run of the draft. */
export function TestPanel() {
  return null;
}
