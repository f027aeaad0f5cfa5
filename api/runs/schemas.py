"""What the API answers and takes of runs."""

from pydantic import BaseModel, Field

from api.runs.operate import Answer


class Acted(BaseModel):
    """What became of it."""

    answer: Answer = Field(description="`asked`: the run will do it as soon as its worker does; `ended`: it is over.")


class End(BaseModel):
    """How a run is ended."""

    force: bool = Field(False, description="Do not wait for the run's worker: terminate it.")
