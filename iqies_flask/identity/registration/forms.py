"""The forms of registering."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from wtforms import BooleanField, Field, HiddenField, PasswordField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # not in the type stubs yet
from wtforms.validators import InputRequired, Length, ValidationError

from iqies_flask.forms import Form
from iqies_flask.identity import passwords, user_ids
from iqies_flask.identity.persons import (
    EmailBasis,
    Profile,
    checked_birth_date,
    checked_email,
    checked_initial,
    checked_name,
    checked_phone,
    checked_ssn,
    checked_zip,
    is_free_mail,
)
from iqies_flask.identity.places import US_STATES

_YES, _NO = "yes", "no"
_US = "US"
_STATES = [
    SelectChoice("", "Choose a state"),
    *(SelectChoice(code, name) for code, name in US_STATES.items()),
]


@contextmanager
def _said_at_the_field() -> Iterator[None]:
    """Show the words with which a rule refuses a value."""
    try:
        yield
    except ValueError as refusal:
        raise ValidationError(str(refusal)) from None


class _Tidied:
    """Puts what was typed into its normal form by a rule of `iqies_flask.identity.persons`."""

    def __init__(self, rule: Callable[[str], str]) -> None:
        self._rule = rule

    def __call__(self, form: Form, field: Field) -> None:
        """Apply the rule.

        Raises:
            ValidationError: What was typed breaks it.
        """
        with _said_at_the_field():
            field.data = self._rule(field.data or "")


def _required(message: str) -> Callable[[str], str]:
    def rule(text: str) -> str:
        tidy = " ".join(text.split())
        if not tidy:
            raise ValueError(message)
        return tidy

    return rule


def _at_most(characters: int) -> Length:
    return Length(max=characters, message=f"Shorten this to at most {characters} characters.")


class ProfileForm(Form):
    """Step 1: who the person is.

    ``has_ssn`` says whether the registration holds a Social Security number already; ``needs_declaration``
    becomes true when the address is one of a provider for everybody.
    """

    first_name = StringField(
        "Legal first name", validators=[_at_most(60), _Tidied(lambda text: checked_name(text, "first name"))]
    )
    middle_initial = StringField(
        "Middle initial (optional)", validators=[_at_most(3), _Tidied(checked_initial)]
    )
    last_name = StringField(
        "Legal last name", validators=[_at_most(60), _Tidied(lambda text: checked_name(text, "last name"))]
    )
    birth_month = StringField("Month")
    birth_day = StringField("Day")
    birth_year = StringField("Year")
    email = StringField("E-mail address", validators=[_at_most(254), _Tidied(checked_email)])
    email_again = StringField("E-mail address again", validators=[_at_most(254)])
    two_or_fewer = BooleanField("My organization has two or fewer providers and no e-mail domain of its own")
    phone = StringField("Phone number", validators=[_at_most(30)])
    in_us = RadioField(
        "Is your home address in the United States or one of its territories?",
        choices=[SelectChoice(_YES, "Yes"), SelectChoice(_NO, "No")],
        default=_YES,
        validators=[InputRequired("Say whether your home address is in the United States.")],
    )
    street = StringField(
        "Street address", validators=[_at_most(100), _Tidied(_required("Enter your street address."))]
    )
    street2 = StringField("Street address, line 2 (optional)", validators=[_at_most(100)])
    city = StringField("City", validators=[_at_most(60), _Tidied(_required("Enter your city."))])
    state = SelectField("State", choices=_STATES, default="")
    zip = StringField("ZIP Code")
    province = StringField("State, province or region (optional)", validators=[_at_most(60)])
    postal_code = StringField("Postal code (optional)", validators=[_at_most(20)])
    country = StringField("Country", validators=[_at_most(60)])
    ssn = PasswordField("Social Security number (SSN)")
    no_ssn = BooleanField("I do not want to enter my Social Security number")
    terms = BooleanField(
        "I have read the terms of use and accept them", validators=[InputRequired("Accept the terms of use.")]
    )

    def __init__(self, *args: Any, today: date, has_ssn: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._today = today
        self._born: date | None = None
        self.has_ssn = has_ssn

    @property
    def lives_in_us(self) -> bool:
        """Which fields the address has."""
        return bool(self.in_us.data != _NO)

    @property
    def needs_declaration(self) -> bool:
        """Whether the address asks for the declaration about the organization."""
        return is_free_mail((self.email.data or "").strip())

    @property
    def usable_ssn(self) -> str | None:
        """The number that was typed, if it is one; the rest of the form may be wrong."""
        if self.no_ssn.data or not self.ssn.data:
            return None
        try:
            return checked_ssn(self.ssn.data)
        except ValueError:
            return None

    def validate_birth_year(self, field: StringField) -> None:
        """Check the date of birth as a whole."""
        parts = (field.data or "", self.birth_month.data or "", self.birth_day.data or "")
        with _said_at_the_field():
            self._born = checked_birth_date(*parts, today=self._today)

    def validate_email_again(self, field: StringField) -> None:
        """Compare with the address above."""
        if self.email.errors:
            return
        if not (field.data or "").strip():
            raise ValidationError("Enter your e-mail address again.")
        with _said_at_the_field():
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

    def validate_phone(self, field: StringField) -> None:
        """Bring the number into its normal form."""
        with _said_at_the_field():
            field.data = checked_phone(field.data or "", in_us=self.lives_in_us)

    def validate_state(self, field: SelectField) -> None:
        """Ask for a state in the United States."""
        if self.lives_in_us and not field.data:
            raise ValidationError("Choose your state.")

    def validate_zip(self, field: StringField) -> None:
        """Check the ZIP Code in the United States."""
        if self.lives_in_us:
            with _said_at_the_field():
                field.data = checked_zip(field.data or "")

    def validate_country(self, field: StringField) -> None:
        """Ask for a country outside the United States."""
        if not self.lives_in_us and not (field.data or "").strip():
            raise ValidationError("Enter your country.")

    def validate_ssn(self, field: PasswordField) -> None:
        """Check the number, or that the person does without it."""
        if field.data:
            if self.no_ssn.data:
                raise ValidationError(
                    "You entered a Social Security number and ticked that you do not want to. Do only"
                    " one of the two."
                )
            with _said_at_the_field():
                checked_ssn(field.data)
        elif not self.no_ssn.data and not self.has_ssn:
            raise ValidationError(
                "Enter your Social Security number, or tick that you do not want to enter it."
            )

    def profile(self) -> Profile:
        """What was entered; only after validation."""
        assert self._born is not None
        in_us = self.lives_in_us
        return Profile(
            first_name=self.first_name.data or "",
            middle_initial=self.middle_initial.data or "",
            last_name=self.last_name.data or "",
            birth_date=self._born,
            email=self.email.data or "",
            phone=self.phone.data or "",
            in_us=in_us,
            street=self.street.data or "",
            street2=(self.street2.data or "").strip(),
            city=self.city.data or "",
            state=self.state.data if in_us else (self.province.data or "").strip(),
            zip=(self.zip.data or "") if in_us else (self.postal_code.data or "").strip(),
            country=_US if in_us else (self.country.data or "").strip(),
            email_basis=EmailBasis.PERSONAL if self.needs_declaration else EmailBasis.CORPORATE,
        )


def filled_in(profile: Profile | None, *, ssn_refused: bool) -> dict[str, Any]:
    """Values for `ProfileForm` when the person comes back to the step.

    Args:
        profile: What was entered; None before that.
        ssn_refused: Whether the person did not want to enter a Social Security number.
    """
    if profile is None:
        return {}
    values: dict[str, Any] = {
        "first_name": profile.first_name,
        "middle_initial": profile.middle_initial,
        "last_name": profile.last_name,
        "birth_month": str(profile.birth_date.month),
        "birth_day": str(profile.birth_date.day),
        "birth_year": str(profile.birth_date.year),
        "email": profile.email,
        "email_again": profile.email,
        "two_or_fewer": profile.email_basis is EmailBasis.PERSONAL,
        "phone": profile.phone,
        "in_us": _YES if profile.in_us else _NO,
        "street": profile.street,
        "street2": profile.street2,
        "city": profile.city,
        "no_ssn": ssn_refused,
        "terms": True,
    }
    address = ("state", "zip") if profile.in_us else ("province", "postal_code")
    values.update(zip(address, (profile.state, profile.zip), strict=True))
    return values if profile.in_us else {**values, "country": profile.country}


class AccountForm(Form):
    """Step 2: user ID and password.

    ``password_again`` is there for browsers without JavaScript, which cannot show what was typed.
    """

    user_id = StringField("User ID", filters=[lambda text: text.strip() if text else text])
    warned_of = HiddenField()
    password = PasswordField("Password")
    password_again = PasswordField("Password again")

    def __init__(
        self, *args: Any, words_of_person: tuple[str, ...], has_password: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self._words = words_of_person
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
        """Check the password."""
        if not field.data and self.has_password:
            return
        if not field.data:
            raise ValidationError("Enter a password.")
        if problems := passwords.problems(
            field.data, words_of_person=(self.user_id.data or "", *self._words)
        ):
            raise ValidationError(" ".join(problems))

    def validate_password_again(self, field: PasswordField) -> None:
        """Compare with the password, where the page asked for it twice."""
        # A browser with JavaScript does not send it.
        if field.raw_data and field.data != self.password.data:
            raise ValidationError("The two passwords differ. Type both again.")


class PlainForm(Form):
    """A form with nothing but its button."""
