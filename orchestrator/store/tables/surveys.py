"""Surveys, answers, complaints."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class Survey(SQLModel, table=True):
    """A questionnaire."""

    __tablename__ = "surveys"
    key: str = Field(primary_key=True)
    document: dict[str, Any] = json_value()
    """``core.surveys.questionnaire.SurveyDocument`` as JSON."""
    revision: int = 1
    created_at: datetime = instant()
    updated_at: datetime = instant()
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    archived_at: datetime | None = instant(nullable=True)


class SurveyResponse(SQLModel, table=True):
    """One answer. Its id is the send's that asked, so that a link is good for one answer."""

    __tablename__ = "survey_responses"
    __table_args__ = (Index("survey_responses_survey", "survey_key", "answered_at"),)
    id: UUID = Field(primary_key=True)
    survey_key: str
    survey_revision: int
    customer_id: UUID = Field(index=True)
    run_id: UUID
    journey_key: str
    step: str
    channel: str | None = None
    locale: str | None = None
    score: int | None = None
    choices: list[str] = json_value("[]")
    comment: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    group: str = Field(sa_column=Column("answer_group", Text, nullable=False))
    asked_at: datetime | None = instant(nullable=True)
    answered_at: datetime = instant()


class Complaint(SQLModel, table=True):
    """Something a customer is unhappy about: while it is open, nobody advertises to them or asks for a review."""

    __tablename__ = "complaints"
    __table_args__ = (Index("complaints_open", "customer_id", postgresql_where=text("resolved_at is null")),)
    id: UUID = Field(primary_key=True, description="Derived from its source, so that it is opened once")
    customer_id: UUID = Field(index=True)
    source: str = Field(sa_column=Column(Text, nullable=False), description="survey, event, ticket or console")
    reference: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    detail: dict[str, Any] = json_value()
    opened_at: datetime = instant()
    resolved_at: datetime | None = instant(nullable=True)
    resolved_by: str | None = Field(default=None, sa_column=Column(Text))
