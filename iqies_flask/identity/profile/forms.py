"""The forms of My profile."""

from typing import Any

from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from iqies_flask.forms import Form
from iqies_flask.identity.passwords import MOST_CHARACTERS as MOST_PASSWORD_CHARACTERS
from iqies_flask.identity.person_fields import (
    EmailFields,
    HomeFields,
    NameFields,
    NewPasswordFields,
)


class PersonalForm(NameFields, HomeFields):
    """Name, telephone number and home address."""


class EmailForm(EmailFields):
    """A new address; ``present`` is the one that the account has."""

    def __init__(self, *args: Any, present: str | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._present = present

    def validate_email_again(self, field: StringField) -> None:
        """Compare with the address above, which must be another one than the present."""
        super().validate_email_again(field)
        if self._present and (self.email.data or "").lower() == self._present.lower():
            raise ValidationError("This is the address that your account has already. Enter another one.")


class ChangePasswordForm(NewPasswordFields):
    """The current password and a new one."""

    current_password = PasswordField(
        "Current password",
        validators=[
            InputRequired("Enter your current password."),
            Length(max=MOST_PASSWORD_CHARACTERS, message="The password is too long."),
        ],
    )
    # Again here, so that what is wrong with them comes after what is wrong with the current one.
    password = PasswordField("New password")
    password_again = PasswordField("New password again")

    def validate_password(self, field: PasswordField) -> None:
        """Check the new password, which must be another one than the current."""
        super().validate_password(field)
        if field.data == self.current_password.data:
            raise ValidationError("The new password is the current one. Choose another one.")


class DeactivationForm(Form):
    """The user ID, typed to show that the person means it."""

    typed = StringField(
        "Your user ID", validators=[Length(max=30, message="A user ID has at most 30 characters.")]
    )

    def __init__(self, *args: Any, user_id: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user_id = user_id

    def validate_typed(self, field: StringField) -> None:
        """Compare with the account's user ID, in whichever case."""
        if (field.data or "").strip().lower() != self._user_id.lower():
            raise ValidationError(f"Type your user ID, {self._user_id}, to deactivate the account.")
