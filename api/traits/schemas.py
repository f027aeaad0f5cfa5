"""What addresses of computed traits answer."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from orchestrator.core.traits.definition import TraitSettings


class ModelBody(BaseModel):
    """One night's models."""

    fitted_at: datetime
    customers: int = Field(description="Who had ordered.")
    problem: str = Field(description="Why nothing was learned: `too_few_customers`, `no_repeats`, `no_fit`; or empty.")
    report: dict[str, Any] = Field(
        description="`bg_nbd`, `gamma_gamma`: parameters and likelihood. `holdout`: what a model that did not see the "
        "last days expected of customers, beside what came; `drift`: how much more came in all, as a share."
    )


class TraitsBody(BaseModel):
    """What is computed."""

    settings: TraitSettings | None = Field(description="Null: nothing is computed.")
    names: dict[str, str] = Field(description="Attributes as conditions know them, with their JSON types.")
    models: list[ModelBody] = Field(description="The last nights', the newest first.")


class Refreshing(BaseModel):
    """The night's work is being done."""

    refreshing: bool
