"""The forms of officials."""

import re
from typing import Any

from wtforms import (
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length

from iqies_flask.access import reasons
from iqies_flask.access.matrix import RoleEntry
from iqies_flask.access.officials.queue import Desk, QueueFilter, roles_decided_at
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.roles import CATEGORY_LABELS, Category, Role
from iqies_flask.forms import Form, choices
from iqies_flask.identity.places import US_STATES

_DAYS = ((0, "Any"), (3, "3 days or more"), (7, "7 days or more"), (30, "30 days or more"))
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MOST_SEARCH_CHARACTERS = 100


def _tidy(text: str | None) -> str:
    return _UNPRINTABLE.sub("", text or "").strip()


def _reason(label: str) -> TextAreaField:
    length = Length(
        max=reasons.MOST_CHARACTERS, message=f"The reason has at most {reasons.MOST_CHARACTERS:,} characters."
    )
    return TextAreaField(label, filters=[_tidy], validators=[length])


class _GetForm(Form):
    """A form that is sent with GET: it asks and changes nothing."""

    class Meta(Form.Meta):
        """Settings of WTForms."""

        csrf = False


class QueueFilterForm(_GetForm):
    """Which requests to show."""

    provider = StringField("Provider", filters=[_tidy], validators=[Length(max=_MOST_SEARCH_CHARACTERS)])
    role = SelectField("Role")
    category = SelectField("User category")
    days = SelectField("Waiting for", choices=choices((str(days), label) for days, label in _DAYS))

    def __init__(self, desk: Desk, *arguments: Any, **keywords: Any) -> None:
        """Offer what is asked for at a desk."""
        super().__init__(*arguments, **keywords)
        rows = [current_matrix().roles[role] for role in roles_decided_at(desk)]
        categories = dict.fromkeys(row.category for row in rows)
        self.role.choices = choices([("", "Any"), *((row.role.value, row.label) for row in rows)])
        self.category.choices = choices(
            [("", "Any"), *((category.value, CATEGORY_LABELS[category]) for category in categories)]
        )
        for field, default in ((self.role, ""), (self.category, ""), (self.days, "0")):
            field.data = field.data or default

    @property
    def asked(self) -> QueueFilter:
        """What is asked for; of a form that is valid."""
        return QueueFilter(
            provider=self.provider.data or "",
            role=Role(self.role.data) if self.role.data else None,
            category=Category(self.category.data) if self.category.data else None,
            days=int(self.days.data),
        )


class VacancyFilterForm(_GetForm):
    """Which providers without a Security Official to show."""

    q = StringField(
        "CCN or beginning of the name", filters=[_tidy], validators=[Length(max=_MOST_SEARCH_CHARACTERS)]
    )
    state = SelectField(
        "State", choices=choices([("", "All"), *US_STATES.items()]), filters=[_tidy, str.upper]
    )


class _PickForm(Form):
    """Rows that are ticked, and what is done with them."""

    def _needs_reason(self, verdict: str, whom: str) -> bool:
        reason: Field = self["reason"]
        if self["verdict"].data == verdict and not reason.data:
            reason.errors = [f"Give the reason: {whom} reads it in an e-mail."]
            return False
        return True


class DecisionForm(_PickForm):
    """Requests, and the decision about them."""

    requests = SelectMultipleField(
        "Requests",
        coerce=int,
        validate_choice=False,
        validators=[InputRequired("Tick at least one request.")],
    )
    verdict = RadioField(
        "Decision",
        choices=choices([("approve", "Approve"), ("reject", "Reject")]),
        validators=[InputRequired("Choose to approve or to reject.")],
    )
    reason = _reason("Reason")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check also that a rejection has a reason."""
        valid = bool(super().validate(extra_validators))
        return self._needs_reason("reject", "the requester") and valid

    @property
    def approves(self) -> bool:
        """Whether the requests are approved."""
        return bool(self.verdict.data == "approve")


class CertificationForm(_PickForm):
    """Roles, and whether they are still needed. A role is written as ``<account number>:<role>``."""

    roles = SelectMultipleField(
        "Roles", validate_choice=False, validators=[InputRequired("Tick at least one role.")]
    )
    verdict = RadioField(
        "Decision",
        choices=choices([("keep", "Keep: the roles are still needed"), ("revoke", "Revoke")]),
        validators=[InputRequired("Choose to keep or to revoke.")],
    )
    reason = _reason("Reason")

    def validate(self, extra_validators: Any = None) -> bool:
        """Check also that a revocation has a reason."""
        valid = bool(super().validate(extra_validators))
        return self._needs_reason("revoke", "the person") and valid

    @property
    def keeps(self) -> bool:
        """Whether the roles go on."""
        return bool(self.verdict.data == "keep")


class RevocationForm(Form):
    """Why a role is taken away."""

    reason = _reason("Reason")

    def validate_reason(self, field: Field) -> None:
        """Require one."""
        _require_reason(field)


class ChangeForm(Form):
    """Another role, and why."""

    new_role = RadioField("New role", validators=[InputRequired("Choose the new role.")])
    reason = _reason("Reason")

    def __init__(self, others: list[RoleEntry], *arguments: Any, **keywords: Any) -> None:
        """Offer some roles."""
        super().__init__(*arguments, **keywords)
        self.new_role.choices = choices(
            (entry.role.value, f"{entry.label}. {entry.describes}") for entry in others
        )

    def validate_reason(self, field: Field) -> None:
        """Require one."""
        _require_reason(field)


def _require_reason(field: Field) -> None:
    if not field.data:
        raise ValidationError("Give the reason: the person reads it in an e-mail.")
