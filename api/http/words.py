"""Words that the API gives in both languages at once, so that whoever shows them may switch without asking again."""

from pydantic import BaseModel

from orchestrator.core.text import Text


class Words(BaseModel):
    """One phrase in English and Korean."""

    en: str
    ko: str


def two(text: Text) -> dict[str, str]:
    """As JSON."""
    return {"en": text.en, "ko": text.ko}
