"""What the API takes and answers of erasures."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Erase(BaseModel):
    """That somebody is to be erased, and why."""

    model_config = ConfigDict(extra="forbid")
    confirm: str = Field(max_length=40, description="The customer's id, ours, once more: it cannot be taken back.")
    why: str = Field(default="", max_length=500, description="Kept in the receipt: no name and no address.")


class ReceiptAnswer(BaseModel):
    """What was erased, and nothing of who it was."""

    id: UUID
    status: str = Field(description="`running`: something could not be finished yet; `done`.")
    counts: dict[str, int] = Field(description="Rows by table; `_kept`: made nobody's, and kept for statistics.")
    made_by: str
    why: str
    made_at: datetime
    finished_at: datetime | None
