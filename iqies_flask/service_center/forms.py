"""What is asked of the audit log."""

import re
from datetime import date

from wtforms import DateField, SelectField, StringField, ValidationError
from wtforms.validators import Length, Optional

from iqies_flask.audit.models import Outcome
from iqies_flask.forms import Form, choices

_FIRST_DAY = date(2000, 1, 1)
_LAST_DAY = date(2999, 12, 31)
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f]")


def _tidy(text: str | None) -> str:
    return _UNPRINTABLE.sub("", text or "").strip()


class AuditFilterForm(Form):
    """Which entries to show. Sent with GET: it asks and changes nothing."""

    class Meta(Form.Meta):
        """Settings of WTForms."""

        csrf = False

    user_id = StringField("User ID", filters=[_tidy], validators=[Length(max=64)])
    action = StringField("Action", filters=[_tidy], validators=[Length(max=64)])
    object = StringField("Object", filters=[_tidy], validators=[Length(max=97)])
    outcome = SelectField(
        "Outcome",
        choices=choices([("", "Any"), *((outcome.value, outcome.value.title()) for outcome in Outcome)]),
        default="",
    )
    since = DateField("From", validators=[Optional()])
    until = DateField("To", validators=[Optional()])

    def validate_since(self, field: DateField) -> None:
        """Refuse days that no log reaches."""
        _check_day(field)

    def validate_until(self, field: DateField) -> None:
        """Refuse days that no log reaches, and a span that ends before it begins."""
        _check_day(field)
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError("The last day is before the first one. Change one of them.")


def _check_day(field: DateField) -> None:
    if field.data and not _FIRST_DAY <= field.data <= _LAST_DAY:
        raise ValidationError("Give a date with a year from 2000 on.")
