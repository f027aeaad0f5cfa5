"""App push: a notification of the workspace's own app."""

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import AdvertisingMarks, Channel
from orchestrator.core.channels.kinds.push_words import PushWords
from orchestrator.core.channels.measure import at_most
from orchestrator.core.text import Text

PUSH_BYTES = 4_096
"""Of payload (Firebase Cloud Messaging)."""

PUSH = Channel(
    name="push",
    title=Text("App push"),
    in_sentence=Text("app push"),
    to_customers=Text("app notification"),
    icon="bell",
    contact=contacts.PUSH_TOKEN,
    words=PushWords,
    preview="notification",
    subject="shown",
    measure=at_most(PUSH_BYTES, "bytes", "push", with_subject=True),
    marks=AdvertisingMarks(opt_out="app"),
)
