"""What the API tells of message templates, and what it is told."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field, JsonValue

from api.http.words import Words
from api.preflight.schemas import CheckBody
from api.previews.schemas import Facts, PlayedEvent, PreviewProblem
from api.previews.test_run_schemas import Given, TestCustomer
from orchestrator.core.steps.message import TEMPLATE_KEY


class UsedBy(BaseModel):
    """A journey that names the template."""

    key: str
    name: dict[str, str]
    status: str
    live: bool = Field(description="Whether the version that customers enter does, and not only the draft.")


class MessageTemplateInList(BaseModel):
    """A template in the list."""

    key: str
    name: dict[str, str]
    message_class: str = Field(alias="class")
    channels: list[str]
    languages: list[str]
    used_by: list[UsedBy]
    revision: int
    live_revision: int | None = Field(description="What messages say; null before it was first put into use.")
    has_changes: bool = Field(description="Whether the draft differs from what messages say.")
    edited_by: str | None
    edited_at: datetime
    archived_at: datetime | None


class TemplateBody(MessageTemplateInList):
    """A template with its draft, and what is wrong with it."""

    document: dict[str, Any] = Field(description="The draft, however unfinished.")
    used_since: datetime | None = Field(description="Since when messages say what they say.")
    problems: list[PreviewProblem]
    checks: list[CheckBody] | None = Field(
        None, description="Where it was just put into use: the checks that found something worth a look."
    )


class TemplateListing(BaseModel):
    """All of them."""

    items: list[MessageTemplateInList]


class NewTemplate(Given):
    """What a new template is made from: a ready-made one, another template, or a document; else it is empty."""

    name: str | dict[str, str] | None = Field(None, description="By language, or one for all.")
    key: str | None = Field(None, pattern=TEMPLATE_KEY, description="Made from the name unless given.")
    ready_made: str | None = Field(None, max_length=64, description="Id of a ready-made one to begin with.")
    copy_of: str | None = Field(None, pattern=TEMPLATE_KEY, description="Key of a template to begin with.")
    document: dict[str, Any] | None = Field(None, description="A document to begin with.")


class Archived(Given):
    """Whether it is archived."""

    archived: bool


class RevisionInList(BaseModel):
    """Something that messages said."""

    revision: int
    at: datetime
    edited_by: str | None
    live: bool = Field(description="Whether they say it now.")


class RevisionListing(BaseModel):
    """All of them, the newest first."""

    items: list[RevisionInList]


class RevisionBody(BaseModel):
    """One, with its document."""

    revision: int
    document: dict[str, Any]


class ReadyMade(BaseModel):
    """A template to begin with."""

    id: str
    name: Words
    description: Words
    message_class: str = Field(alias="class")
    channels: list[str]
    document: dict[str, Any]


class ReadyMadeListing(BaseModel):
    """All of them."""

    items: list[ReadyMade]


class ChannelForm(BaseModel):
    """A channel: what it is called, and the form of its words in one language."""

    channel: str
    title: Words
    form: dict[str, Any] = Field(alias="schema")
    defaults: dict[str, dict[str, Any]] = Field(description="By language, what new words begin with.")


class TemplateForms(BaseModel):
    """Everything an editor of templates needs to know of their shape."""

    settings: dict[str, Any] = Field(description="JSON Schema of name, class, tags.")
    variable: dict[str, Any] = Field(description="JSON Schema of a variable's rule.")
    channels: list[ChannelForm]
    blocks: list[dict[str, Any]] = Field(description="The blocks of an e-mail: kind, title, icon, schema, defaults.")
    theme: dict[str, Any] | None = Field(description="JSON Schema of an e-mail's theme.")


class TemplateQuery(Given):
    """A template's document, and whose message on which channel is to be shown."""

    document: dict[str, Any]
    channel: str = Field(max_length=40)
    locale: str = Field("ko", max_length=35)
    customer: TestCustomer | None = None
    event: PlayedEvent | None = Field(None, description="The entry event.")
    variables: dict[str, JsonValue] = Field(default_factory=dict, max_length=500)


class TemplatePreview(BaseModel):
    """The message as this customer would read it."""

    channel: str
    locale: str
    subject: str
    preheader: str
    body: str
    html: str | None
    mjml: str | None = Field(description="Of an e-mail made of blocks: its source.")
    sender: str = Field(description="Who it is from, as the receiver's device says; empty: not set.")
    options: dict[str, Any] = Field(description="What only this channel has, filled: image, link, buttons, …")
    missing: list[str] = Field(description="Unset variables that it uses.")
    refused: Words | None = Field(description="Why this customer would not get it.")
    problems: list[PreviewProblem]
    facts: Facts
    notes: list[Words] = Field(description="What the law or the channel adds or asks.")


class TestSendRequest(Given):
    """One message to an address of ours, to see it where customers will."""

    channel: str = Field(max_length=40)
    locale: str = Field("ko", max_length=35)
    to: str = Field(min_length=1, max_length=4_096, description="An address of the channel's kind.")
    customer: str | None = Field(None, max_length=255, description="Whose data it is filled with.")
    event: PlayedEvent | None = None
    variables: dict[str, JsonValue] = Field(default_factory=dict, max_length=500)


class TestAddresses(BaseModel):
    """Who tests of a step may go to."""

    items: list[str]


class TestSent(BaseModel):
    """A test message was handed over."""

    outcome: Literal["sent"]
    provider: str
    provider_message_id: str
    to: str
