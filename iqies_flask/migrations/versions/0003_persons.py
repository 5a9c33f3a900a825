"""Accounts of persons, what belongs to them, the outbox and the audit log."""

import secrets
from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_ACCOUNT = sa.table(
    "user_account",
    sa.column("id", sa.Integer),
    sa.column("user_id_folded", sa.String),
    sa.column("handle", sa.LargeBinary),
    sa.column("session_token", sa.String),
    sa.column("password_changed_at", sa.DateTime(timezone=True)),
    sa.column("created_at", sa.DateTime(timezone=True)),
    sa.column("proofing", sa.String),
    sa.column("of_demonstration", sa.Boolean),
)

_DEMONSTRATION = ("demo.nursing", "demo.submitter")
"""User IDs, in lower case, that the demonstration gave so far."""


def upgrade() -> None:
    """Bring the schema to this revision."""
    _change_accounts()
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=8), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_action_number"), "audit_entry", ["action", "number"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_actor_id_number"), "audit_entry", ["actor_id", "number"], unique=False
    )
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    op.create_index(
        op.f("ix_audit_entry_object_type_object_id_number"),
        "audit_entry",
        ["object_type", "object_id", "number"],
        unique=False,
    )
    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("template", sa.String(length=40), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("available_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
    )
    op.create_index(
        op.f("ix_outbox_message_state_available_at"),
        "outbox_message",
        ["state", "available_at"],
        unique=False,
    )
    op.create_table(
        "sign_in_throttle",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("blocked_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_throttle")),
    )
    op.create_index(op.f("ix_sign_in_throttle_failed_at"), "sign_in_throttle", ["failed_at"], unique=False)
    op.create_table(
        "email_link",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_email_link_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_email_link")),
    )
    op.create_index(op.f("ix_email_link_expires_at"), "email_link", ["expires_at"], unique=False)
    op.create_index(op.f("ix_email_link_user_id"), "email_link", ["user_id"], unique=False)
    op.create_table(
        "kept_form",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("fields", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_kept_form_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_kept_form")),
    )
    op.create_index(op.f("ix_kept_form_expires_at"), "kept_form", ["expires_at"], unique=False)
    op.create_index(op.f("ix_kept_form_user_id"), "kept_form", ["user_id"], unique=False)
    op.create_table(
        "known_browser",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_known_browser_user_id")),
        sa.PrimaryKeyConstraint("token_hash", "user_id", name=op.f("pk_known_browser")),
    )
    op.create_index(op.f("ix_known_browser_user_id"), "known_browser", ["user_id"], unique=False)
    op.create_table(
        "login_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("browser", sa.String(length=100), nullable=False),
        sa.Column("warning_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_login_session_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_login_session_token_hash")),
    )
    op.create_index(op.f("ix_login_session_seen_at"), "login_session", ["seen_at"], unique=False)
    op.create_index(op.f("ix_login_session_user_id"), "login_session", ["user_id"], unique=False)
    op.create_table(
        "person",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=False),
        sa.Column("ssn_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_person_user_id")),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_person")),
    )
    op.create_index(op.f("ix_person_ssn_hash"), "person", ["ssn_hash"], unique=False)
    op.create_table(
        "proofing_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("method", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("exchange", sa.LargeBinary(), nullable=True),
        sa.Column("retry_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("officer_id", sa.Integer(), nullable=True),
        sa.Column("decision", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["officer_id"], ["user_account.id"], name=op.f("fk_proofing_case_officer_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_proofing_case_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proofing_case")),
    )
    op.create_index(
        op.f("ix_proofing_case_state_state_since"), "proofing_case", ["state", "state_since"], unique=False
    )
    op.create_index(op.f("ix_proofing_case_user_id"), "proofing_case", ["user_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_recovery_code_user_id")),
        sa.PrimaryKeyConstraint("user_id", "code_hash", name=op.f("pk_recovery_code")),
    )
    op.create_table(
        "confirmation_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation_mail")),
    )
    op.create_index(
        op.f("ix_confirmation_mail_email_hash"), "confirmation_mail", ["email_hash"], unique=False
    )
    op.create_index(op.f("ix_confirmation_mail_sent_at"), "confirmation_mail", ["sent_at"], unique=False)
    op.create_table(
        "registration",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("profile", sa.LargeBinary(), nullable=True),
        sa.Column("ssn", sa.LargeBinary(), nullable=True),
        sa.Column("user_id", sa.String(length=30), nullable=True),
        sa.Column("user_id_folded", sa.String(length=30), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("email_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("link_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("link_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["user_account.id"], name=op.f("fk_registration_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_registration_link_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_registration_token_hash")),
        sa.UniqueConstraint("user_id_folded", name=op.f("uq_registration_user_id_folded")),
    )
    op.create_index(op.f("ix_registration_account_id"), "registration", ["account_id"], unique=False)
    op.create_index(op.f("ix_registration_email_hash"), "registration", ["email_hash"], unique=False)
    op.create_index(op.f("ix_registration_expires_at"), "registration", ["expires_at"], unique=False)
    op.create_table(
        "security_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1023), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("aaguid", sa.String(length=36), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cloned_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_security_key_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_security_key")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_security_key_credential_id")),
    )
    op.create_index(op.f("ix_security_key_user_id"), "security_key", ["user_id"], unique=False)
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
    op.create_table(
        "webauthn_challenge",
        sa.Column("token_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("challenge", sa.LargeBinary(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_webauthn_challenge_user_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_webauthn_challenge")),
    )
    op.create_index(
        op.f("ix_webauthn_challenge_expires_at"), "webauthn_challenge", ["expires_at"], unique=False
    )
    op.create_index(op.f("ix_webauthn_challenge_user_id"), "webauthn_challenge", ["user_id"], unique=False)
    op.bulk_insert(
        sa.table("audit_head", sa.column("id"), sa.column("number"), sa.column("chain_hash", sa.LargeBinary)),
        [{"id": 1, "number": 0, "chain_hash": bytes(32)}],
    )
    _refuse_changes_of_the_audit_log()


def _change_accounts() -> None:
    with op.batch_alter_table("user_account") as table:
        table.add_column(sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("email", sa.LargeBinary(), nullable=True))
        table.add_column(sa.Column("email_hash", sa.LargeBinary(length=32), nullable=True))
        table.add_column(sa.Column("proofing", sa.String(length=8), nullable=True))
        table.add_column(sa.Column("handle", sa.LargeBinary(length=64), nullable=True))
        table.add_column(sa.Column("of_demonstration", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("last_sign_in_at", sa.DateTime(timezone=True), nullable=True))
    connection = op.get_bind()
    # An operator made these accounts for persons whom he or she knew.
    connection.execute(
        _ACCOUNT.update().values(
            password_changed_at=_ACCOUNT.c.created_at,
            proofing="proved",
            of_demonstration=_ACCOUNT.c.user_id_folded.in_(_DEMONSTRATION),
        )
    )
    for account in connection.scalars(sa.select(_ACCOUNT.c.id)).all():
        connection.execute(
            _ACCOUNT.update().where(_ACCOUNT.c.id == account).values(handle=secrets.token_bytes(64))
        )
    with op.batch_alter_table("user_account") as table:
        table.alter_column("password_changed_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        table.alter_column("proofing", existing_type=sa.String(length=8), nullable=False)
        table.alter_column("handle", existing_type=sa.LargeBinary(length=64), nullable=False)
        table.alter_column("of_demonstration", existing_type=sa.Boolean(), nullable=False)
        table.create_unique_constraint(op.f("uq_user_account_email_hash"), ["email_hash"])
        table.create_unique_constraint(op.f("uq_user_account_handle"), ["handle"])
        table.drop_constraint(op.f("uq_user_account_session_token"), type_="unique")
        table.drop_column("session_token")


def _refuse_changes_of_the_audit_log() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'The audit log is append-only.'; END $$"
        )
        op.execute(
            "CREATE TRIGGER audit_entry_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_entry "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
        return
    for change in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_entry_no_{change} BEFORE {change.upper()} ON audit_entry "
            "BEGIN SELECT RAISE(ABORT, 'The audit log is append-only.'); END"
        )


def downgrade() -> None:
    """Take the schema back to the revision before. Keys, profiles and the audit log are lost."""
    for name in (
        "webauthn_challenge",
        "service_center_grant",
        "security_key",
        "registration",
        "confirmation_mail",
        "recovery_code",
        "proofing_case",
        "person",
        "login_session",
        "known_browser",
        "kept_form",
        "email_link",
        "sign_in_throttle",
        "outbox_message",
        "audit_head",
        "audit_entry",
    ):
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
    with op.batch_alter_table("user_account") as table:
        table.add_column(sa.Column("session_token", sa.String(length=64), nullable=True))
        table.drop_constraint(op.f("uq_user_account_email_hash"), type_="unique")
        table.drop_constraint(op.f("uq_user_account_handle"), type_="unique")
        for column in (
            "password_changed_at",
            "email",
            "email_hash",
            "proofing",
            "handle",
            "of_demonstration",
            "last_sign_in_at",
        ):
            table.drop_column(column)
    connection = op.get_bind()
    for account in connection.scalars(sa.select(_ACCOUNT.c.id)).all():
        connection.execute(
            _ACCOUNT.update().where(_ACCOUNT.c.id == account).values(session_token=secrets.token_urlsafe(32))
        )
    with op.batch_alter_table("user_account") as table:
        table.alter_column("session_token", existing_type=sa.String(length=64), nullable=False)
        table.create_unique_constraint(op.f("uq_user_account_session_token"), ["session_token"])
