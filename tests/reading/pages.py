"""What a person reads on a page: its text, and what is said of fields and pictures."""

from html.parser import HTMLParser

UNREAD = frozenset({"script", "style", "template", "textarea", "code", "pre", "iframe", "defs"})
"""Not read as words: what is for machines, what is to be copied, what somebody typed."""
SPOKEN = ("aria-label", "placeholder", "alt", "title", "data-confirm")
VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
OWN_WORDS = "no"
"""``translate="no"``: somebody else's words, shown as they are."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.inside: list[bool] = []
        self.found: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hidden = tag in UNREAD or given.get("translate") == OWN_WORDS
        if not (hidden or any(self.inside)):
            self.found += [(given[name] or "", name == "title") for name in SPOKEN if given.get(name)]
            if tag == "input" and given.get("type") in ("submit", "button"):
                self.found.append((given.get("value") or "", False))
        if tag not in VOID:
            self.inside.append(hidden)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.inside.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self.inside:
            self.inside.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not any(self.inside):
            self.found.append((" ".join(data.split()), False))


def read(html: str) -> list[tuple[str, bool]]:
    """Every text of a page, and whether it is a tooltip."""
    reader = _Reader()
    reader.feed(html)
    return reader.found
