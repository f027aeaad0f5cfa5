"""Where a message's words come from: from the step itself, or from the template that it names, as it is now."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.messages.compose import Composed, choose_locale, compose
from orchestrator.core.messages.compose import refusal as refusal_of
from orchestrator.core.messages.essential import essential
from orchestrator.core.messages.links import NO_TRACKING, Linker, Tracking
from orchestrator.core.messages.template_document import LiveTemplate
from orchestrator.core.paths import lookup
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.sending.decision import Reason
from orchestrator.core.sending.policies import Policy
from orchestrator.core.steps.message import MessageSettings
from orchestrator.core.templating.budget import shared_budget
from orchestrator.core.templating.engine import compile_template, render
from orchestrator.core.values import MessageClass

AGAIN = timedelta(hours=1)
"""How often a message that waits for a variable looks whether it has come."""
MOST_WAIT = timedelta(days=1)
"""How long it waits at most; after that it is skipped."""


class NoTemplateContent(LookupError):
    """The template has none for this channel, in any language: an error of the author's, the same for everybody."""


@dataclass(frozen=True, slots=True)
class MessageWords:
    """What one step says. ``template`` is None where the step has words of its own."""

    settings: MessageSettings
    template: LiveTemplate | None = None

    @property
    def message_class(self) -> MessageClass:
        """The stricter of the two counts: mixed content is advertising."""
        theirs = self.template.document.message_class if self.template else "informational"
        return "advertising" if "advertising" in (self.settings.message_class, theirs) else "informational"

    @property
    def tags(self) -> tuple[str, ...]:
        """The step's and the template's, each once."""
        theirs = self.template.document.tags if self.template else ()
        return tuple(dict.fromkeys((*self.settings.tags, *theirs)))

    @property
    def strictest(self) -> MessageSettings:
        """The step's settings with the class and the tags that count."""
        if self.template is None:
            return self.settings
        return self.settings.model_copy(update={"message_class": self.message_class, "tags": self.tags})

    @property
    def noted(self) -> dict[str, Any]:
        """What the ledger keeps of where the words came from."""
        found = self.template
        return {"template": found.key, "template_revision": found.revision} if found else {}

    @shared_budget()
    def compose(
        self,
        channel: str,
        context: Mapping[str, Any],
        policy: Policy,
        sender: Sender,
        locales: tuple[str, ...],
        tz: ZoneInfo,
        tracking: Tracking = NO_TRACKING,
    ) -> Composed:
        """The words for one customer. ``locales``: in order of preference.

        Raises ``TemplateSyntaxProblem``, ``RenderFailed`` and :class:`NoTemplateContent`.
        """
        if self.template is None:
            own = self.settings.content
            locale = choose_locale(own, *locales)
            return compose(own[locale], channel, self.message_class, context, policy, sender, locale, tz, tracking)
        document = self.template.document
        by_language = document.on(channel)
        if not by_language:
            raise NoTemplateContent(f"template {self.template.key}: no words for {channel}")
        locale = choose_locale(by_language, *locales)
        words = by_language[locale]
        known = with_defaults(context, document.defaults(locale))
        content, said = words.content(), self.message_class
        composed = compose(content, channel, said, known, policy, sender, locale, tz, tracking)
        options, missing = filled(words.options(), known, locale, tz)
        linker = Linker(channel, tracking, composed.targets)
        return replace(
            composed,
            options=linker.options(options),
            missing=tuple(dict.fromkeys((*composed.missing, *missing))),
            targets=linker.targets,
        )

    def refusal(self, composed: Composed, waited: timedelta | None = None) -> tuple[Reason | None, timedelta | None]:
        """Why composed words do not go out, and after how long to look again; the latter None: not at all.

        Args:
            waited: How long it has waited for a variable already; None where it cannot wait.
        """
        document = self.template.document if self.template else None
        needed = document.paths("skip") | document.paths("hold") if document else frozenset()
        unset = [path for path in composed.missing if path in needed]
        blank = document.paths("blank") if document else frozenset()
        skips = self.settings.on_missing == "skip" and any(path not in blank for path in composed.missing)
        if (
            not skips
            and self.settings.on_missing == "essential"
            and (lacking := self._essential(composed, needed | blank))
        ):
            return Reason("missing_variable", {"names": lacking}), None
        if document and unset and not skips and not document.paths("skip").intersection(unset):
            reason = Reason("missing_variable", {"names": unset})
            return reason, AGAIN if waited is not None and waited < MOST_WAIT else None
        if unset:
            return Reason("missing_variable", {"names": unset}), None
        return refusal_of(composed, skips), None

    def _essential(self, composed: Composed, ruled: frozenset[str]) -> list[str]:
        """Unset variables that are under no rule of the template's, and without which the message makes no sense."""
        unset = [path for path in composed.missing if path not in ruled]
        written = self.settings.content.values() if self.template is None else [self.template.document]
        return essential(unset, [one.model_dump(mode="json", by_alias=True) for one in written]) if unset else []


def with_defaults(context: Mapping[str, Any], defaults: Mapping[str, str]) -> Mapping[str, Any]:
    """The context with what stands for unset variables in it; what is given stays untouched."""
    found: dict[str, Any] = dict(context)
    for path, words in defaults.items():
        if lookup(found, path) is None:
            _put(found, path.split("."), words)
    return found


def _put(node: dict[str, Any], names: list[str], words: str) -> None:
    """Sets a value at a path; the mappings along it are copied, and where a plain value stands nothing is set."""
    for name in names[:-1]:
        inner = node.get(name)
        if inner is not None and not isinstance(inner, Mapping):
            return
        node[name] = dict(inner or {})
        node = node[name]
    node[names[-1]] = words


def filled(
    options: Any, context: Mapping[str, Any], locale: str, tz: ZoneInfo
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """A channel's own options with their templates filled, and the unset variables that they used."""
    missing: list[str] = []

    def fill(node: Any) -> Any:
        if isinstance(node, str):
            if "{" not in node:
                return node
            done = render(compile_template(node), context, locale=locale, tz=tz)
            missing.extend(done.missing)
            return done.text.strip()
        if isinstance(node, Mapping):
            return {name: fill(value) for name, value in node.items()}
        return [fill(value) for value in node] if isinstance(node, list | tuple) else node

    return fill(options), tuple(missing)
