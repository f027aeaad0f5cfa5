"""The servers and processes of `sojourn run`: PostgreSQL, Valkey and Temporal from their wheels, and our own."""

from orchestrator.stack.postgres import Postgres
from orchestrator.stack.process import Account, Process, StackProblem
from orchestrator.stack.temporal import SEARCH_ATTRIBUTES, Temporal
from orchestrator.stack.valkey import Valkey

__all__ = ["SEARCH_ATTRIBUTES", "Account", "Postgres", "Process", "StackProblem", "Temporal", "Valkey"]
