"""The first tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Bring the schema to this revision."""
    op.create_table(
        "provider",
        sa.Column("ccn", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("facility_id", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("ccn", name=op.f("pk_provider")),
    )
    op.create_index(op.f("ix_provider_state_facility_id"), "provider", ["state", "facility_id"])

    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.String(length=30), nullable=False),
        sa.Column("user_id_folded", sa.String(length=30), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_token", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("session_token", name=op.f("uq_user_account_session_token")),
        sa.UniqueConstraint("user_id_folded", name=op.f("uq_user_account_user_id_folded")),
    )
    op.create_table(
        "provider_grant",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ccn", sa.String(length=12), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ccn"], ["provider.ccn"], name=op.f("fk_provider_grant_ccn")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_provider_grant_user_id")),
        sa.PrimaryKeyConstraint("user_id", "ccn", name=op.f("pk_provider_grant")),
    )
    op.create_index(op.f("ix_provider_grant_ccn"), "provider_grant", ["ccn"])

    op.create_table(
        "stored_assessment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(length=16), nullable=False),
        sa.Column("spec_version", sa.String(length=16), nullable=False),
        sa.Column("subset", sa.String(length=8), nullable=False),
        sa.Column("ccn", sa.String(length=12), nullable=False),
        sa.Column("facility_id", sa.String(length=16), nullable=False),
        sa.Column("transaction", sa.String(length=4), nullable=False),
        sa.Column("correction_number", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("target_date", sa.Date(), nullable=True),
        sa.Column("identity_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("record_number", sa.Integer(), nullable=False),
        sa.Column("items", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["ccn"], ["provider.ccn"], name=op.f("fk_stored_assessment_ccn")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_assessment")),
        sa.UniqueConstraint("identity_key", name=op.f("uq_stored_assessment_identity_key")),
        sa.UniqueConstraint(
            "submission_id", "record_number", name=op.f("uq_stored_assessment_submission_id_record_number")
        ),
    )
    op.create_index(op.f("ix_stored_assessment_ccn"), "stored_assessment", ["ccn"])

    op.create_table(
        "submission",
        sa.Column("id", sa.Integer(), sa.Identity(always=False, start=1000001), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("completed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("record_count", sa.Integer(), nullable=True),
        sa.Column("processed", sa.Integer(), nullable=False),
        sa.Column("worker_token", sa.String(length=32), nullable=True),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("file_findings", sa.LargeBinary(), nullable=False),
        sa.Column("file_fatal", sa.Integer(), nullable=False),
        sa.Column("file_warnings", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_submission_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sqlite_autoincrement=True,
    )
    if op.get_bind().dialect.name == "sqlite":
        # SQLite knows no start value of an identity: the first submission gets the number after this one.
        op.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('submission', 1000000)")
    op.create_index(op.f("ix_submission_state_available_at"), "submission", ["state", "available_at"])
    op.create_index(op.f("ix_submission_user_id_id"), "submission", ["user_id", "id"])

    op.create_table(
        "submission_chunk",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_chunk_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", "number", name=op.f("pk_submission_chunk")),
    )
    op.create_table(
        "submission_record",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("system", sa.String(length=16), nullable=False),
        sa.Column("subset", sa.String(length=8), nullable=False),
        sa.Column("transaction", sa.String(length=4), nullable=False),
        sa.Column("correction_number", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=False),
        sa.Column("target_date", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("facility_id", sa.String(length=16), nullable=False),
        sa.Column("ccn", sa.String(length=12), nullable=False),
        sa.Column("provider_ccn", sa.String(length=12), nullable=True),
        sa.Column("disposition", sa.String(length=40), nullable=False),
        sa.Column("fatal", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["provider_ccn"], ["provider.ccn"], name=op.f("fk_submission_record_provider_ccn")
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submission.id"], name=op.f("fk_submission_record_submission_id")
        ),
        sa.PrimaryKeyConstraint("submission_id", "number", name=op.f("pk_submission_record")),
    )
    op.create_index(
        op.f("ix_submission_record_provider_ccn_submission_id"),
        "submission_record",
        ["provider_ccn", "submission_id"],
    )
    op.create_index(
        "ix_submission_record_counts",
        "submission_record",
        ["submission_id", "provider_ccn", "disposition", "fatal", "warnings"],
    )

    op.create_table(
        "record_message",
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("edit_id", sa.String(length=40), nullable=False),
        sa.Column("system", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=10), nullable=False),
        sa.Column("edit_type", sa.String(length=20), nullable=False),
        sa.Column("items", sa.JSON(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["submission_id", "number"],
            ["submission_record.submission_id", "submission_record.number"],
            name=op.f("fk_record_message_submission_id_number"),
        ),
        sa.PrimaryKeyConstraint("submission_id", "number", "position", name=op.f("pk_record_message")),
    )


def downgrade() -> None:
    """Take the schema back to the revision before."""
    for table in (
        "record_message",
        "submission_record",
        "submission_chunk",
        "submission",
        "stored_assessment",
        "provider_grant",
        "user_account",
        "provider",
    ):
        op.drop_table(table)
