"""What all forms have in common."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import g, request
from flask_wtf import FlaskForm
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException
from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # not in the type stubs yet
from wtforms.validators import ValidationError

_AS_TYPED = "fields_as_typed"


class Form(FlaskForm):
    """A form. What somebody typed and could not send stands in it again once its page can be shown."""

    class Meta(FlaskForm.Meta):
        """How the form is filled."""

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Fill the form with what was sent, or else with what was typed before."""
            sent = super().wrap_formdata(form, formdata)
            return _as_typed(form) if sent is None and request else sent


class PlainForm(Form):
    """A form with nothing but its button."""


@contextmanager
def said_at_the_field() -> Iterator[None]:
    """Show the words with which a rule refuses a value."""
    try:
        yield
    except ValueError as refusal:
        raise ValidationError(str(refusal)) from None


class InNormalForm:
    """Brings what was typed into its normal form by a rule, which raises ValueError for what breaks it."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self._rule = rule

    def __call__(self, form: Form, field: Field) -> None:
        """Apply the rule.

        Raises:
            ValidationError: What was typed breaks it.
        """
        with said_at_the_field():
            field.data = self._rule(field.data or "")


def stripped(text: str | None) -> str | None:
    """Filter of a field: take away the white space around what was typed."""
    return text.strip() if text else text


def choices(pairs: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Make the choices of a field.

    Args:
        pairs: What is sent, and what is shown.
    """
    return [SelectChoice(value, label) for value, label in pairs]


def show_as_typed(fields: dict[str, list[str]]) -> None:
    """Have the form of the page that is asked for show what somebody typed earlier.

    Args:
        fields: Field name to the values typed.
    """
    g.fields_as_typed = fields


def typed_fields() -> list[str]:
    """The names of the fields that the page at hand shows as somebody typed them, just now or earlier."""
    try:
        sent: Iterable[str] = request.form
    except HTTPException:
        # More than is taken, or no form at all: the page says so, and shows nothing of it.
        sent = ()
    return sorted(set(sent or g.get(_AS_TYPED, {})) - {"csrf_token"})


def _as_typed(form: FlaskForm) -> MultiDict[str, str] | None:
    """The fields typed earlier, if they are of this form and not of another one on the page."""
    fields: dict[str, list[str]] = g.get(_AS_TYPED, {})
    own = {name.split("-", 1)[0] for name in fields} & set(form._fields)
    return ImmutableMultiDict(fields) if own else None
