"""How somebody of the team may say that a customer agreed or refused, and what such a word counts as."""

from orchestrator.core.text import Text

WAYS: dict[str, Text] = {
    "phone": Text("By phone"),
    "in_person": Text("In person"),
    "email": Text("By e-mail"),
    "chat": Text("By chat"),
    "paper": Text("On paper"),
    "other": Text("In another way"),
}
"""In which ways a customer can have said it themselves: their own act. Without one it is a statement about them."""
MOST_TAGS = 100
"""Of one customer."""
LONGEST_TAG = 100
LONGEST_NOTE = 4_000
"""Characters of a note about a customer."""
LONGEST_PROOF = 500
"""Characters of what is written down of how a consent came about."""
