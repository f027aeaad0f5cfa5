/** The draft as a file. */
export function YamlPanel() {
  return null;
}
