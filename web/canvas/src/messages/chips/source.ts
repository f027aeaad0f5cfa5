/** A text with variables, between what is stored (`{{ customer.first_name }}`) and what is shown (a chip with its name). */

export type Piece = { text: string } | { source: string; path: string };

/** A place that is filled with a variable as it is; one with a filter shows that there is more to it. */
const PLACE = /\{\{\s*([A-Za-z_][\w]*(?:\.[\w]+)+)\s*(\|[^{}]*)?\}\}/g;

export function pieces(source: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const place of source.matchAll(PLACE)) {
    if (place.index > end) found.push({ text: source.slice(end, place.index) });
    found.push({ source: place[0], path: place[1] ?? "" });
    end = place.index + place[0].length;
  }
  if (end < source.length) found.push({ text: source.slice(end) });
  return found;
}

/** Fills an element anew: text as it is, each variable as a chip that is deleted as a whole. */
export function show(root: HTMLElement, source: string, title: (path: string) => string): void {
  const nodes = pieces(source).map((piece) => ("text" in piece ? document.createTextNode(piece.text) : chip(piece, title)));
  root.replaceChildren(...nodes);
  // A line break at the very end, or a chip, needs something after it for the caret to stand in.
  if (source === "" || source.endsWith("\n") || source.endsWith("}}")) root.append(document.createElement("br"));
}

function chip(piece: { source: string; path: string }, title: (path: string) => string): HTMLElement {
  const made = document.createElement("span");
  made.className = "in-chip";
  made.contentEditable = "false";
  made.dataset.source = piece.source;
  made.title = piece.source;
  made.textContent = title(piece.path) + (piece.source.includes("|") ? " …" : "");
  return made;
}

/** What is stored of an element that was shown, and perhaps edited. */
export function read(root: Node, last = true): string {
  let text = "";
  root.childNodes.forEach((node, n) => {
    if (node instanceof HTMLElement && node.dataset.source !== undefined) text += node.dataset.source;
    else if (node instanceof HTMLBRElement) text += last && n === root.childNodes.length - 1 ? "" : "\n";
    else if (node instanceof HTMLElement) text += (text === "" || text.endsWith("\n") ? "" : "\n") + read(node);
    else text += node.textContent ?? "";
  });
  return text.replaceAll("\u00a0", " ");
}

/** Where the caret stands, in letters of what is stored; null where it is elsewhere. */
export function caret(root: HTMLElement): [number, number] | null {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0) return null;
  const range = selection.getRangeAt(0);
  if (!root.contains(range.startContainer) || !root.contains(range.endContainer)) return null;
  const upTo = (node: Node, offset: number): number => {
    const before = document.createRange();
    before.setStart(root, 0);
    before.setEnd(node, offset);
    return read(before.cloneContents(), false).length;
  };
  return [upTo(range.startContainer, range.startOffset), upTo(range.endContainer, range.endOffset)];
}

/** Puts the caret behind so many letters of what is stored. */
export function putCaret(root: HTMLElement, at: number): void {
  const range = document.createRange();
  let left = at;
  range.selectNodeContents(root);
  range.collapse(false);
  for (const node of root.childNodes) {
    const length = node instanceof HTMLElement ? (node.dataset.source?.length ?? 1) : (node.textContent ?? "").length;
    if (left <= length && node instanceof Text) {
      range.setStart(node, left);
      range.collapse(true);
      break;
    }
    if (left < length || (left === length && node instanceof HTMLElement)) {
      if (left === 0) range.setStartBefore(node);
      else range.setStartAfter(node);
      range.collapse(true);
      break;
    }
    left -= length;
  }
  const selection = document.getSelection();
  selection?.removeAllRanges();
  selection?.addRange(range);
}
