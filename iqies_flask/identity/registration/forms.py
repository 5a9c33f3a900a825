"""The forms of registering."""

import hmac
from datetime import date
from typing import Any

from wtforms import BooleanField, HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired, ValidationError

from iqies_flask.forms import Form, said_at_the_field, stripped
from iqies_flask.identity import person_fields, user_ids
from iqies_flask.identity.person_fields import (
    BirthFields,
    EmailFields,
    HomeFields,
    NameFields,
    NewPasswordFields,
    email_field,
)
from iqies_flask.identity.persons import EmailBasis, Profile, basis_of, checked_ssn
from iqies_flask.identity.service import email_hash


class ProfileForm(NameFields, BirthFields, EmailFields, HomeFields):
    """Step 1: who the person is.

    ``has_ssn`` says whether the registration holds a Social Security number already; ``needs_declaration``
    becomes true when the address is one of a provider for everybody.
    """

    ssn = PasswordField("Social Security number (SSN)")
    no_ssn = BooleanField("I do not want to enter my Social Security number")
    terms = BooleanField(
        "I have read the terms of use and accept them", validators=[InputRequired("Accept the terms of use.")]
    )

    def __init__(self, *args: Any, today: date, has_ssn: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, today=today, **kwargs)
        self.has_ssn = has_ssn

    @property
    def usable_ssn(self) -> str | None:
        """The number that was typed, if it is one; the rest of the form may be wrong."""
        if self.no_ssn.data or not self.ssn.data:
            return None
        try:
            return checked_ssn(self.ssn.data)
        except ValueError:
            return None

    def validate_ssn(self, field: PasswordField) -> None:
        """Check the number, or that the person does without it."""
        if field.data:
            if self.no_ssn.data:
                raise ValidationError(
                    "You entered a Social Security number and ticked that you do not want to. Do only"
                    " one of the two."
                )
            with said_at_the_field():
                checked_ssn(field.data)
        elif not self.no_ssn.data and not self.has_ssn:
            raise ValidationError(
                "Enter your Social Security number, or tick that you do not want to enter it."
            )

    def profile(self) -> Profile:
        """What was entered; only after validation."""
        email = self.email.data or ""
        return Profile(
            **self.names(), birth_date=self.born, email=email, email_basis=basis_of(email), **self.home()
        )


def filled_in(profile: Profile | None, *, ssn_refused: bool) -> dict[str, Any]:
    """Values for `ProfileForm` when the person comes back to the step.

    Args:
        profile: What was entered; None before that.
        ssn_refused: Whether the person did not want to enter a Social Security number.
    """
    if profile is None:
        return {}
    return {
        **person_fields.filled_in(profile),
        **person_fields.filled_in_birth(profile.birth_date),
        "email": profile.email,
        "email_again": profile.email,
        "two_or_fewer": profile.email_basis is EmailBasis.PERSONAL,
        "no_ssn": ssn_refused,
        "terms": True,
    }


class GoOnForm(Form):
    """The address that was entered; ``email_hash`` is what is kept of it."""

    email = email_field("Your e-mail address")

    def __init__(self, *args: Any, email_hash: bytes, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._email_hash = email_hash

    def validate_email(self, field: StringField) -> None:
        """Compare with the address that was entered."""
        if not hmac.compare_digest(email_hash(field.data or ""), self._email_hash):
            raise ValidationError("This is not the address that was entered here. Check it, or begin anew.")


class AccountForm(NewPasswordFields):
    """Step 2: user ID and password."""

    user_id = StringField("User ID", filters=[stripped])
    warned_of = HiddenField()
    # Again here, so that what is wrong with them comes after what is wrong with the user ID.
    password = PasswordField("Password")
    password_again = PasswordField("Password again")

    def __init__(self, *args: Any, has_password: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.has_password = has_password

    @property
    def usable_password(self) -> str | None:
        """The password that was typed, if it may be used; the rest of the form may be wrong."""
        return None if self.password.errors or self.password_again.errors else self.password.data or None

    @property
    def needs_warning(self) -> bool:
        """Whether the user ID looks like a facility's name, and the person was not yet told so."""
        user_id = self.user_id.data or ""
        return user_ids.looks_like_facility(user_id) and self.warned_of.data != user_id

    def validate_user_id(self, field: StringField) -> None:
        """Check the user ID."""
        if problem := user_ids.problem(field.data or ""):
            raise ValidationError(problem)

    def validate_password(self, field: PasswordField) -> None:
        """Check the password, unless one was chosen before."""
        if not field.data and self.has_password:
            return
        self._words = (self.user_id.data or "", *self._words)
        super().validate_password(field)
