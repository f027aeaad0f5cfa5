"""Web push: a notification of the customer's browser."""

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import Channel
from orchestrator.core.channels.kinds.push_words import PushWords
from orchestrator.core.text import Text

WEB_PUSH = Channel(
    name="web_push",
    title=Text("Web push"),
    in_sentence=Text("web push"),
    to_customers=Text("browser notification"),
    icon="bell",
    contact=contacts.WEB_PUSH,
    words=PushWords,
    preview="notification",
    subject="shown",
)
