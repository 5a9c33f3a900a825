"""Roles and requests for them; what the registry knows of providers; branches."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_PROVIDER = sa.table("provider", sa.column("ccn"), sa.column("name"), sa.column("name_folded"))


def upgrade() -> None:
    """Bring the schema to this revision. Who could act for a provider becomes its submitter."""
    _change_providers()
    op.create_table(
        "provider_branch",
        sa.Column("ccn", sa.String(length=12), nullable=False),
        sa.Column("branch_id", sa.String(length=10), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["ccn"], ["provider.ccn"], name=op.f("fk_provider_branch_ccn")),
        sa.PrimaryKeyConstraint("ccn", "branch_id", name=op.f("pk_provider_branch")),
    )
    _create_requests()
    op.create_table(
        "role_grant",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("ccn", sa.String(length=12), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("certified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ccn"], ["provider.ccn"], name=op.f("fk_role_grant_ccn")),
        sa.ForeignKeyConstraint(["granted_by"], ["user_account.id"], name=op.f("fk_role_grant_granted_by")),
        sa.ForeignKeyConstraint(["request_id"], ["role_request.id"], name=op.f("fk_role_grant_request_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_grant_user_id")),
        sa.PrimaryKeyConstraint("user_id", "ccn", "role", name=op.f("pk_role_grant")),
    )
    op.create_index(op.f("ix_role_grant_ccn_role_user_id"), "role_grant", ["ccn", "role", "user_id"])
    op.create_index(op.f("ix_role_grant_user_id_role"), "role_grant", ["user_id", "role"])
    op.create_table(
        "office_grant",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column("warned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["granted_by"], ["user_account.id"], name=op.f("fk_office_grant_granted_by")),
        sa.ForeignKeyConstraint(["request_id"], ["role_request.id"], name=op.f("fk_office_grant_request_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_office_grant_user_id")),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_office_grant")),
    )
    op.create_index(op.f("ix_office_grant_role"), "office_grant", ["role"])
    op.execute(
        "INSERT INTO role_grant (user_id, ccn, role, granted_at) "
        "SELECT user_id, ccn, 'assessment_submitter', granted_at FROM provider_grant"
    )
    op.execute(
        "INSERT INTO office_grant (user_id, role, granted_at) "
        "SELECT user_id, role, granted_at FROM service_center_grant"
    )
    op.drop_table("provider_grant")
    op.drop_table("service_center_grant")


def _change_providers() -> None:
    with op.batch_alter_table("provider") as table:
        table.add_column(sa.Column("name_folded", sa.String(length=200), nullable=True))
        for name, length in (("street", 200), ("city", 100), ("zip", 10), ("npi", 10), ("group_name", 200)):
            column = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
            table.add_column(column)
        table.add_column(sa.Column("email_domains", sa.JSON(), nullable=False, server_default="[]"))
        table.add_column(sa.Column("certified_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("terminated_on", sa.Date(), nullable=True))
        table.add_column(sa.Column("vacated_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("branches_known", sa.Boolean(), nullable=False, server_default=sa.false()))
    connection = op.get_bind()
    for ccn, name in connection.execute(sa.select(_PROVIDER.c.ccn, _PROVIDER.c.name)).all():
        # The database folds fewer letters than Python does.
        connection.execute(
            _PROVIDER.update().where(_PROVIDER.c.ccn == ccn).values(name_folded=name.casefold()[:200])
        )
    with op.batch_alter_table("provider") as table:
        table.alter_column("name_folded", existing_type=sa.String(length=200), nullable=False)
        for name in ("street", "city", "zip", "npi", "group_name"):
            table.alter_column(name, existing_type=sa.String(), server_default=None)
        table.alter_column("email_domains", existing_type=sa.JSON(), server_default=None)
        table.alter_column("branches_known", existing_type=sa.Boolean(), server_default=None)
        table.create_index(op.f("ix_provider_name_folded"), ["name_folded"])
        table.create_index(op.f("ix_provider_vacated_at"), ["vacated_at"])
        table.create_index(op.f("ix_provider_state_name_folded"), ["state", "name_folded"])


def _create_requests() -> None:
    op.create_table(
        "role_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("ccn", sa.String(length=12), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("follow_ups", sa.Integer(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("escalated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ccn"], ["provider.ccn"], name=op.f("fk_role_request_ccn")),
        sa.ForeignKeyConstraint(["decided_by"], ["user_account.id"], name=op.f("fk_role_request_decided_by")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_request_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_request")),
    )
    op.create_index(
        op.f("ix_role_request_user_id_ccn_requested_at"), "role_request", ["user_id", "ccn", "requested_at"]
    )
    op.create_index(
        op.f("ix_role_request_ccn_state_requested_at"), "role_request", ["ccn", "state", "requested_at"]
    )
    op.create_index(op.f("ix_role_request_state_requested_at"), "role_request", ["state", "requested_at"])
    op.create_index(
        op.f("ix_role_request_state_role_requested_at"), "role_request", ["state", "role", "requested_at"]
    )
    op.create_index(
        "uq_role_request_pending",
        "role_request",
        ["user_id", "ccn", "role"],
        unique=True,
        sqlite_where=sa.text("state = 'pending'"),
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "role_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=True),
        sa.Column("ccns", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_role_draft_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_draft")),
    )
    op.create_index(op.f("ix_role_draft_user_id"), "role_draft", ["user_id"])
    op.create_index(op.f("ix_role_draft_changed_at"), "role_draft", ["changed_at"])


def downgrade() -> None:
    """Take the schema back to the revision before. Requests, branches and most roles are lost."""
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
        "service_center_grant",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_service_center_grant_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "role", name=op.f("pk_service_center_grant")),
    )
    # The older version knows one kind of grant, which allows uploads: only who may upload keeps one.
    op.execute(
        "INSERT INTO provider_grant (user_id, ccn, granted_at) "
        "SELECT user_id, ccn, min(granted_at) FROM role_grant WHERE role IN "
        "('assessment_submitter', 'provider_security_official', 'vendor_assessment_submitter') "
        "GROUP BY user_id, ccn"
    )
    op.execute(
        "INSERT INTO service_center_grant (user_id, role, granted_at) "
        "SELECT user_id, role, granted_at FROM office_grant WHERE role IN ('proofing_officer', 'auditor')"
    )
    for table in ("office_grant", "role_grant", "role_draft", "role_request", "provider_branch"):
        op.drop_table(table)
    with op.batch_alter_table("provider") as batch:
        batch.drop_index(op.f("ix_provider_state_name_folded"))
        batch.drop_index(op.f("ix_provider_name_folded"))
        batch.drop_index(op.f("ix_provider_vacated_at"))
        for column in (
            "name_folded",
            "street",
            "city",
            "zip",
            "npi",
            "group_name",
            "email_domains",
            "certified_on",
            "terminated_on",
            "vacated_at",
            "branches_known",
        ):
            batch.drop_column(column)
