"""Indexes for what is looked at all day: a watched journey's goals, who came in the last days, what is held.

The first halves what a count of a journey with 100,000 transitions takes; the others keep the list of journeys from
reading every run and every message there ever was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "transitions_goals", "transitions", ["journey_key", "port", "run_id"], postgresql_where=sa.text("what = 'goal'")
    )
    op.create_index("runs_entered", "runs", ["journey_key", "entered_at"])
    op.create_index("sends_held", "sends", ["journey_key"], postgresql_where=sa.text("status = 'held'"))


def downgrade() -> None:
    op.drop_index("sends_held", "sends")
    op.drop_index("runs_entered", "runs")
    op.drop_index("transitions_goals", "transitions")
