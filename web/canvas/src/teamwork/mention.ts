/** Naming somebody in a comment: `@` and the beginning of a name, before the cursor. Pure functions of text. */

export type Member = { id: string; name: string };

/** What is being typed after an `@`, and where it began; null: nobody is being named. */
export function typedName(text: string, cursor: number): { from: number; part: string } | null {
  const before = text.slice(0, cursor);
  const from = before.lastIndexOf("@");
  if (from < 0 || /[\p{L}\p{N}]/u.test(before[from - 1] ?? "")) return null;
  const part = before.slice(from + 1);
  return part.length > 40 || part.includes("\n") || /\s\s/.test(part) ? null : { from, part };
}

/** Whose names begin so, or have a word that does. */
export function matching(members: readonly Member[], part: string, most = 6): Member[] {
  const wanted = part.toLocaleLowerCase();
  return members.filter(({ name }) => [name, ...name.split(/\s+/)].some((one) => one.toLocaleLowerCase().startsWith(wanted))).slice(0, most);
}

/** The text with a name in place of what was typed, and where the cursor stands then. */
export function named(text: string, from: number, cursor: number, member: Member): { text: string; cursor: number } {
  const inserted = `@${member.name} `;
  return { text: text.slice(0, from) + inserted + text.slice(cursor), cursor: from + inserted.length };
}

/** Who is named in a text by their whole name. */
export const namedIn = (text: string, members: readonly Member[]): Member[] => members.filter(({ name }) => text.includes(`@${name}`));

/** A text in parts, those that name somebody apart. */
export function parts(text: string, names: readonly string[]): { text: string; named: boolean }[] {
  const known = [...names].sort((a, b) => b.length - a.length);
  const found: { text: string; named: boolean }[] = [];
  let rest = text;
  while (rest !== "") {
    const next = known.map((name) => ({ name, at: rest.indexOf(`@${name}`) })).filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at)[0];
    if (!next) break;
    if (next.at > 0) found.push({ text: rest.slice(0, next.at), named: false });
    found.push({ text: `@${next.name}`, named: true });
    rest = rest.slice(next.at + next.name.length + 1);
  }
  if (rest !== "") found.push({ text: rest, named: false });
  return found;
}
