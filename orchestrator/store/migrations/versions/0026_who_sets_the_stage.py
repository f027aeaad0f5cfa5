"""Journeys that set the lifecycle stage say so: those that were published did it without a word."""

from alembic import op

revision = "0026"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "update journeys set draft = draft || '{\"moves_stage\": true}' "
        "where live_version is not null and not draft ? 'moves_stage'"
    )
    op.execute(
        "update journey_versions set document = document || '{\"moves_stage\": true}' "
        "where document is not null and not document ? 'moves_stage'"
    )


def downgrade() -> None:
    pass  # saying it does no harm to a version that takes it for granted
