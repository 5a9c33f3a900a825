"""Fields of forms that ask a person about himself or herself, and the rules of their values.

Registration and My profile put their forms together of these classes, in the order of the page.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, ValidationError

from iqies_flask.forms import Form, InNormalForm, choices, said_at_the_field
from iqies_flask.identity import passwords
from iqies_flask.identity.persons import (
    Profile,
    checked_birth_date,
    checked_email,
    checked_initial,
    checked_name,
    checked_phone,
    checked_zip,
    is_free_mail,
    shown_phone,
)
from iqies_flask.identity.places import US_STATES

_YES, _NO = "yes", "no"
_US = "US"
_STATES = choices([("", "Choose a state"), *US_STATES.items()])


def _required(message: str) -> Callable[[str], str]:
    def rule(text: str) -> str:
        tidy = " ".join(text.split())
        if not tidy:
            raise ValueError(message)
        return tidy

    return rule


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Shorten this to at most {characters} characters.")


def email_field(label: str) -> StringField:
    """A field for an e-mail address, which it brings into its normal form."""
    return StringField(label, validators=[_at_most(254), InNormalForm(checked_email)])


class NameFields(Form):
    """Legal name."""

    first_name = StringField(
        "Legal first name",
        validators=[_at_most(60), InNormalForm(lambda text: checked_name(text, "first name"))],
    )
    middle_initial = StringField(
        "Middle initial (optional)", validators=[_at_most(3), InNormalForm(checked_initial)]
    )
    last_name = StringField(
        "Legal last name",
        validators=[_at_most(60), InNormalForm(lambda text: checked_name(text, "last name"))],
    )

    def names(self) -> dict[str, Any]:
        """What was entered, by attribute of a `Profile`; only after validation."""
        return {
            "first_name": self.first_name.data or "",
            "middle_initial": self.middle_initial.data or "",
            "last_name": self.last_name.data or "",
        }


class BirthFields(Form):
    """Date of birth, to be given with ``today``."""

    birth_month = StringField("Month")
    birth_day = StringField("Day")
    birth_year = StringField("Year")

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self._born: date | None = None

    @property
    def born(self) -> date:
        """The date that was entered; only after validation."""
        assert self._born is not None
        return self._born

    def validate_birth_year(self, field: StringField) -> None:
        """Check the date of birth as a whole."""
        parts = (field.data or "", self.birth_month.data or "", self.birth_day.data or "")
        with said_at_the_field():
            self._born = checked_birth_date(*parts, today=self._today)


class EmailFields(Form):
    """E-mail address, with the declaration that a personal one needs."""

    email = email_field("E-mail address")
    email_again = StringField("E-mail address again", validators=[_at_most(254)])
    two_or_fewer = BooleanField("My organization has two or fewer providers and no e-mail domain of its own")

    @property
    def needs_declaration(self) -> bool:
        """Whether the address asks for the declaration about the organization."""
        return is_free_mail((self.email.data or "").strip())

    def validate_email_again(self, field: StringField) -> None:
        """Compare with the address above."""
        if self.email.errors:
            return
        if not (field.data or "").strip():
            raise ValidationError("Enter your e-mail address again.")
        with said_at_the_field():
            again = checked_email(field.data or "")
        if again.lower() != (self.email.data or "").lower():
            raise ValidationError("The two e-mail addresses differ. Check both.")

    def validate_two_or_fewer(self, field: BooleanField) -> None:
        """Ask for the declaration where the address is a personal one."""
        if not self.email.errors and self.needs_declaration and not field.data:
            raise ValidationError(
                "This looks like a personal e-mail address. Use the one of your organization, or tick the"
                " declaration if it is true."
            )


class HomeFields(Form):
    """Telephone number and home address."""

    phone = StringField("Phone number", validators=[_at_most(30)])
    in_us = RadioField(
        "Is your home address in the United States or one of its territories?",
        choices=choices([(_YES, "Yes"), (_NO, "No")]),
        default=_YES,
        validators=[InputRequired("Say whether your home address is in the United States.")],
    )
    street = StringField(
        "Street address", validators=[_at_most(100), InNormalForm(_required("Enter your street address."))]
    )
    street2 = StringField("Street address, line 2 (optional)", validators=[_at_most(100)])
    city = StringField("City", validators=[_at_most(60), InNormalForm(_required("Enter your city."))])
    state = SelectField("State", choices=_STATES, default="")
    zip = StringField("ZIP Code")
    province = StringField("State, province or region (optional)", validators=[_at_most(60)])
    postal_code = StringField("Postal code (optional)", validators=[_at_most(20)])
    country = StringField("Country", validators=[_at_most(60)])

    @property
    def lives_in_us(self) -> bool:
        """Which fields the address has."""
        return bool(self.in_us.data != _NO)

    def validate_phone(self, field: StringField) -> None:
        """Bring the number into its normal form."""
        with said_at_the_field():
            field.data = checked_phone(field.data or "", in_us=self.lives_in_us)

    def validate_state(self, field: SelectField) -> None:
        """Ask for a state in the United States."""
        if self.lives_in_us and not field.data:
            raise ValidationError("Choose your state.")

    def validate_zip(self, field: StringField) -> None:
        """Check the ZIP Code in the United States."""
        if self.lives_in_us:
            with said_at_the_field():
                field.data = checked_zip(field.data or "")

    def validate_country(self, field: StringField) -> None:
        """Ask for a country outside the United States."""
        if not self.lives_in_us and not (field.data or "").strip():
            raise ValidationError("Enter your country.")

    def home(self) -> dict[str, Any]:
        """What was entered, by attribute of a `Profile`; only after validation."""
        in_us = self.lives_in_us
        return {
            "phone": self.phone.data or "",
            "in_us": in_us,
            "street": self.street.data or "",
            "street2": (self.street2.data or "").strip(),
            "city": self.city.data or "",
            "state": self.state.data if in_us else (self.province.data or "").strip(),
            "zip": (self.zip.data or "") if in_us else (self.postal_code.data or "").strip(),
            "country": _US if in_us else (self.country.data or "").strip(),
        }


class PersonFields(NameFields, BirthFields, HomeFields):
    """Name, date of birth, telephone number and home address."""


class NewPasswordFields(Form):
    """A new password.

    ``password_again`` is there for browsers without JavaScript, which cannot show what was typed.
    ``words_of_person`` are those that the password must not be made of.
    """

    password = PasswordField("New password")
    password_again = PasswordField("New password again")

    def __init__(self, *args: Any, words_of_person: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._words = words_of_person

    def validate_password(self, field: PasswordField) -> None:
        """Check the password."""
        if not field.data:
            raise ValidationError("Enter a password.")
        if problems := passwords.problems(field.data, words_of_person=self._words):
            raise ValidationError(" ".join(problems))

    def validate_password_again(self, field: PasswordField) -> None:
        """Compare with the password, where the page asked for it twice."""
        # A browser with JavaScript does not send it.
        if field.raw_data and field.data != self.password.data:
            raise ValidationError("The two passwords differ. Type both again.")


def filled_in_birth(born: date) -> dict[str, str]:
    """Values for the fields of the date of birth."""
    return {"birth_month": str(born.month), "birth_day": str(born.day), "birth_year": str(born.year)}


def filled_in(profile: Profile | None) -> dict[str, Any]:
    """Values for the fields of names and home when a person comes back to them.

    Args:
        profile: What was entered; None before that.
    """
    if profile is None:
        return {}
    values: dict[str, Any] = {
        "first_name": profile.first_name,
        "middle_initial": profile.middle_initial,
        "last_name": profile.last_name,
        "phone": shown_phone(profile.phone) if profile.in_us else profile.phone,
        "in_us": _YES if profile.in_us else _NO,
        "street": profile.street,
        "street2": profile.street2,
        "city": profile.city,
    }
    address = ("state", "zip") if profile.in_us else ("province", "postal_code")
    values.update(zip(address, (profile.state, profile.zip), strict=True))
    return values if profile.in_us else {**values, "country": profile.country}
