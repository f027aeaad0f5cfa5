"""A survey's document as a form spells it: flat names with dots, options one a line. Both ways."""

import re
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pydantic import ValidationError

from orchestrator.core.keys import key_from
from orchestrator.core.surveys.questionnaire import (
    KEY,
    SurveyDocument,
    SurveyKind,
    SurveyProblem,
    groups_of,
    problems_of,
)
from orchestrator.core.text import LOCALES, Text

WORDS = ("name", "question", "low", "high", "comment", "thanks", "reward")
NUMBERS = ("scale", "low_until", "high_from")
_NOT_READ = Text("This value cannot be read. Correct it.")
_OPTION = Text("One option per line: id | Korean | English. Ids use lower-case letters, digits and hyphens.")


def as_form(document: SurveyDocument) -> dict[str, str]:
    """The fields of a document."""
    found: dict[str, str] = {"kind": document.kind, "rule": document.rule}
    for field in WORDS:
        for locale in LOCALES:
            found[f"{field}.{locale}"] = getattr(document, field).get(locale, "")
    for field in NUMBERS:
        found[field] = str(getattr(document, field))
    for group, words in document.comment_for.items():
        for locale in LOCALES:
            found[f"comment_for.{group}.{locale}"] = words.get(locale, "")
    for group in document.complaint_groups:
        found[f"complaint.{group}"] = "on"
    found["options"] = "\n".join(
        f"{one.key} | {one.label.get('ko', '')} | {one.label.get('en', '')}" for one in document.options
    )
    found["open_days"] = f"{document.open_for / timedelta(days=1):g}"
    return found


def read_form(kind: SurveyKind, form: Mapping[str, str]) -> tuple[SurveyDocument | None, tuple[SurveyProblem, ...]]:
    """The document of a form, and what is wrong with it; None where it cannot even be read."""
    given: dict[str, Any] = {"kind": kind, "options": _options(form.get("options", ""))}
    for field in WORDS:
        given[field] = _words(form, field)
    for field in NUMBERS:
        if form.get(field, "").strip():
            given[field] = form[field].strip()
    if form.get("rule") in ("first", "any"):
        given["rule"] = form["rule"]
    given["open_for"] = f"{form.get('open_days', '').strip() or 30}d"
    try:
        document = SurveyDocument.model_validate(given)
    except ValidationError as error:
        return None, tuple(_problem(str(fault["loc"][0])) for fault in error.errors())
    groups = [group.key for group in groups_of(document)]
    asked = {group: words for group in groups if (words := _words(form, f"comment_for.{group}"))}
    complaints = tuple(group for group in groups if form.get(f"complaint.{group}"))
    document = document.model_copy(update={"comment_for": asked, "complaint_groups": complaints})
    return document, problems_of(document)


def _words(form: Mapping[str, str], field: str) -> dict[str, str]:
    found = {locale: form.get(f"{field}.{locale}", "").strip() for locale in LOCALES}
    return {locale: words for locale, words in found.items() if words}


def _options(lines: str) -> list[dict[str, Any]]:
    found = []
    for line in lines.splitlines():
        if line.strip():
            key, _, labels = line.partition("|")
            if not re.fullmatch(KEY, key.strip()) and labels.count("|") < 1:  # only its words were written
                key, labels = key_from(key), line
            korean, _, english = labels.partition("|")
            words = {"ko": korean.strip(), "en": english.strip()}
            found.append({"key": key.strip(), "label": {locale: said for locale, said in words.items() if said}})
    return found


def _problem(field: str) -> SurveyProblem:
    name = "open_days" if field == "open_for" else field
    return SurveyProblem(name, _OPTION if field == "options" else _NOT_READ)
