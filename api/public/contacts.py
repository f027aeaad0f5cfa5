"""Contacts as they may stand on a page that is opened by a link alone: enough to recognise, not enough to learn."""


def masked(address: str) -> str:
    """``kim@example.com`` as ``k**@example.com``, ``+821012345678`` as ``+82-…-5678``; empty for tokens and ids."""
    local, at, domain = address.partition("@")
    if at:
        return f"{local[:1]}{'*' * max(2, min(len(local) - 1, 6))}@{domain}"
    if address.startswith("+") and address[1:].isdecimal():
        return f"…{address[-4:]}"
    return ""
