"""Versions of stored assessments: what a correction finds, what it corrects, and which version is in force.

Records stored before are found by no correction, as what finds them is computed when they are stored, from
values that are encrypted here: `iqies db upgrade` adds it behind the migrations, and matches corrections
that were stored before. One that is matched with no record stands beside the others.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_IN_FORCE = sa.text("in_force")


def upgrade() -> None:
    """Bring the schema to this revision."""
    with op.batch_alter_table("stored_assessment") as table:
        table.add_column(sa.Column("locator_key", sa.LargeBinary(length=32), nullable=True))
        table.add_column(sa.Column("in_force", sa.Boolean(), nullable=False, server_default=sa.false()))
        table.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        table.create_foreign_key(
            op.f("fk_stored_assessment_corrects_id"), "stored_assessment", ["corrects_id"], ["id"]
        )
        table.create_unique_constraint(op.f("uq_stored_assessment_corrects_id"), ["corrects_id"])
        table.drop_constraint("uq_stored_assessment_identity_key", type_="unique")
    op.execute("UPDATE stored_assessment SET in_force = (\"transaction\" <> '3')")
    with op.batch_alter_table("stored_assessment") as table:
        table.alter_column("in_force", server_default=None)
    op.create_index(
        "ix_stored_assessment_identity_key_in_force",
        "stored_assessment",
        ["identity_key"],
        unique=True,
        sqlite_where=_IN_FORCE,
        postgresql_where=_IN_FORCE,
    )
    op.create_index(op.f("ix_stored_assessment_locator_key"), "stored_assessment", ["locator_key"])


def downgrade() -> None:
    """Take the schema back to the revision before. Corrected versions and inactivations are lost."""
    op.drop_index(op.f("ix_stored_assessment_locator_key"), "stored_assessment")
    op.drop_index("ix_stored_assessment_identity_key_in_force", "stored_assessment")
    op.execute("UPDATE stored_assessment SET corrects_id = NULL")
    op.execute("DELETE FROM stored_assessment WHERE NOT in_force")
    with op.batch_alter_table("stored_assessment") as table:
        table.create_unique_constraint(op.f("uq_stored_assessment_identity_key"), ["identity_key"])
        table.drop_constraint(op.f("uq_stored_assessment_corrects_id"), type_="unique")
        table.drop_constraint(op.f("fk_stored_assessment_corrects_id"), type_="foreignkey")
        table.drop_column("corrects_id")
        table.drop_column("in_force")
        table.drop_column("locator_key")
