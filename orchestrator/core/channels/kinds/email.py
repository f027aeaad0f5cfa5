"""E-mail: blocks or a plain text in the same frame, with an HTML form beside the text."""

from orchestrator.core.channels import contacts
from orchestrator.core.channels.channel import AdvertisingMarks, Channel
from orchestrator.core.channels.content import ChannelWords, Content
from orchestrator.core.email.blocks import template_sources
from orchestrator.core.text import Text


class EmailWords(Content, ChannelWords):
    """An e-mail: blocks, or a plain text that stands in the same frame."""

    def content(self) -> Content:
        return self

    def sources(self) -> dict[str, str]:
        own = {"subject": self.subject, "preheader": self.preheader}
        return own | (dict(template_sources(self.blocks)) if self.blocks else {"body": self.body})


EMAIL = Channel(
    name="email",
    title=Text("E-mail"),
    in_sentence=Text("e-mail"),
    to_customers=Text("e-mail"),
    icon="mail",
    contact=contacts.EMAIL,
    words=EmailWords,
    preview="mail",
    # No mail server takes an e-mail without a subject kindly.
    subject="required",
    opens=True,
    html=True,
    marks=AdvertisingMarks(label="subject", sender="footer"),
    # Enforcement Decree of the Korean Network Act, Art. 61.
    night_exempt=True,
)
