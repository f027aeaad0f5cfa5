"""Words that the API gives in every language at once, so that whoever shows them may switch without asking again."""

from pydantic import RootModel


class Words(RootModel[dict[str, str]]):
    """One phrase by language, such as `{"en": "Wait", "ko": "대기"}`."""
