/** Who is behind a count. */
export function CustomersPanel() {
  return null;
}
