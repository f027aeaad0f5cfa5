"""What is answered of runs that were."""

from pydantic import BaseModel, Field

from api.http.words import Words
from api.previews.attack import AttackScript
from api.previews.test_run_schemas import CustomerStateResponse, SnapshotResponse


class RunSnapshot(SnapshotResponse):
    """After one line of the run's trace."""

    seq: int


class RunSnapshots(BaseModel):
    """Of the lines from the first on."""

    snapshots: list[RunSnapshot]
    customers: list[CustomerStateResponse] = Field(description="The customer's states that snapshots name.")
    differs: Words | None = Field(
        description="The first line that was played otherwise: nothing is told from there on."
    )
    reasons: list[Words] = Field(description="Why that may be.")


class RunAsTest(BaseModel):
    """A run as a test run."""

    script: AttackScript
    left_out: list[Words] = Field(description="What of the run a test run cannot be told.")
    same: bool = Field(description="Whether it is the run, played by the version that it followed.")
