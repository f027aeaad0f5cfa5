"""Words that the API gives in both languages at once, so that whoever shows them may switch without asking again."""

from pydantic import BaseModel


class Words(BaseModel):
    """One phrase in English and Korean."""

    en: str
    ko: str
