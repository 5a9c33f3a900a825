"""What is known of a person, and the rules of each part of it. A rule's error tells the person what to do."""

import re
import unicodedata
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.config import Environment
from iqies_flask.current import current_settings
from iqies_flask.encryption import current_vault
from iqies_flask.extensions import db
from iqies_flask.identity.lists import free_mail_domains
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.places import zip_code

LEAST_AGE = 16
"""Years. Nobody younger works with assessments; a date below is a slip."""

MOST_AGE = 120
_YEAR = re.compile(r"\d{4}", re.ASCII)
_SSN = re.compile(r"(\d{3})[-\s]?(\d{2})[-\s]?(\d{4})", re.ASCII)
_LETTER = re.compile(r"[^\W\d_]")
_US = "US"


class EmailBasis(StrEnum):
    """Why an address may be used."""

    CORPORATE = "corporate"
    PERSONAL = "personal"


@dataclass(frozen=True, slots=True)
class Profile:
    """A person.

    Attributes:
        first_name: Legal first name.
        middle_initial: One letter, or empty.
        last_name: Legal last name.
        birth_date: Date of birth.
        email: Address as the person wrote it, in its normal form.
        phone: In E.164, such as ``+12025550123``.
        in_us: Whether the home address is in the United States or its territories.
        street: First line of the home address.
        street2: Its second line, or empty.
        city: City.
        state: Code of the state; outside the United States the province, or empty.
        zip: ZIP Code with or without its extension (``12345``, ``12345-6789``); elsewhere the postal code.
        country: ``US``, or the country's name.
        email_basis: Corporate, or personal by the declaration that the organization has two or fewer
            providers and no e-mail domain of its own.
    """

    first_name: str
    middle_initial: str
    last_name: str
    birth_date: date
    email: str
    phone: str
    in_us: bool
    street: str
    street2: str
    city: str
    state: str
    zip: str
    country: str
    email_basis: EmailBasis

    def to_json(self) -> dict[str, Any]:
        """Write the profile as JSON can say it."""
        return {**asdict(self), "birth_date": self.birth_date.isoformat()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Profile":
        """Read a profile back."""
        return cls(
            **{
                **values,
                "birth_date": date.fromisoformat(values["birth_date"]),
                "email_basis": EmailBasis(values["email_basis"]),
            }
        )

    def with_email(self, email: str, basis: EmailBasis) -> "Profile":
        """The same person at another address."""
        return replace(self, email=email, email_basis=basis)

    def with_birth_date(self, born: date) -> "Profile":
        """The same person born on another day."""
        return replace(self, birth_date=born)

    @property
    def name(self) -> str:
        """The whole name in one line."""
        return " ".join(filter(None, (self.first_name, self.middle_initial, self.last_name)))

    def names(self) -> dict[str, Any]:
        """The parts of the name, by attribute."""
        return {
            "first_name": self.first_name,
            "middle_initial": self.middle_initial,
            "last_name": self.last_name,
        }

    @property
    def words(self) -> tuple[str, ...]:
        """What others know or guess of the person, which a password must not be made of."""
        return (self.email, self.first_name, self.last_name)


def checked_name(text: str, what: str) -> str:
    """Tidy a part of a legal name.

    Args:
        text: As typed.
        what: What it is called in messages: ``first name``.

    Raises:
        ValueError: It is no name.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise ValueError(f"Enter your legal {what}.")
    if not _LETTER.search(name) or any(unicodedata.category(letter) in {"Cc", "Cf", "Nd"} for letter in name):
        raise ValueError(f"Enter your legal {what} in letters, as it stands on your identification.")
    return name


def checked_initial(text: str) -> str:
    """Tidy a middle initial.

    Raises:
        ValueError: It is more than one letter.
    """
    initial = unicodedata.normalize("NFC", text).strip().rstrip(".").upper()
    if initial and not (len(initial) == 1 and _LETTER.fullmatch(initial)):
        raise ValueError("Enter one letter as your middle initial, or leave it empty.")
    return initial


def checked_birth_date(year: str, month: str, day: str, today: date) -> date:
    """Make a date of birth of its parts.

    Args:
        year: Four digits.
        month: 1 to 12.
        day: 1 to 31.
        today: The day on which it is entered.

    Raises:
        ValueError: There is no such day, or nobody born on it registers today.
    """
    if not (year.strip() and month.strip() and day.strip()):
        raise ValueError("Enter the month, day and year of your birth.")
    if not _YEAR.fullmatch(year.strip()):
        raise ValueError("Enter the year of your birth with four digits, such as 1980.")
    try:
        born = date(int(year), int(month), int(day))
    except ValueError:
        raise ValueError("There is no such date. Check the month, day and year of your birth.") from None
    if born > today:
        raise ValueError("Your date of birth is in the future. Check the year.")
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    if age < LEAST_AGE:
        raise ValueError(f"You must be at least {LEAST_AGE} years old to register. Check the year.")
    if age > MOST_AGE:
        raise ValueError(f"This date is more than {MOST_AGE} years ago. Check the year.")
    return born


def checked_email(text: str) -> str:
    """Bring an e-mail address into its normal form. No other computer is asked about it.

    Raises:
        ValueError: It is not an address.
    """
    if not text.strip():
        raise ValueError("Enter your e-mail address.")
    # Addresses that never exist are what a demonstration is tried with.
    demo = current_settings().environment is Environment.DEMO
    try:
        found = validate_email(
            text.strip(), check_deliverability=False, allow_smtputf8=False, test_environment=demo
        )
    except EmailNotValidError:
        raise ValueError(
            "Enter an e-mail address in the form name@organization.org. Check for missing or extra signs."
        ) from None
    # Letters with accents in the domain are written the way that every mail server takes.
    return found.ascii_email or found.normalized


def is_free_mail(email: str) -> bool:
    """Whether an address is of a provider at which anybody gets one."""
    return email.rpartition("@")[2].lower() in free_mail_domains()


def basis_of(email: str) -> EmailBasis:
    """Why an address may be used, once its owner has made the declaration that a personal one needs."""
    return EmailBasis.PERSONAL if is_free_mail(email) else EmailBasis.CORPORATE


def checked_phone(text: str, *, in_us: bool) -> str:
    """Bring a telephone number into its normal form.

    Args:
        text: As typed.
        in_us: Whether a number without a country code is one of the United States.

    Returns:
        E.164.

    Raises:
        ValueError: It is not a number that can be called.
    """
    if not text.strip():
        raise ValueError("Enter your phone number.")
    try:
        number = phonenumbers.parse(text, _US if in_us else None)
    except phonenumbers.NumberParseException:
        number = None
    possible = phonenumbers.ValidationResult.IS_POSSIBLE
    if number is None or phonenumbers.is_possible_number_with_reason(number) != possible:
        raise ValueError(
            "Enter a phone number with area code, such as 202-555-0123. Start one from outside the United"
            " States with + and the country code."
        )
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def shown_phone(phone: str) -> str:
    """Write a number in E.164 as people of its country write it."""
    number = phonenumbers.parse(phone, None)
    style = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(
        number, style.NATIONAL if number.country_code == 1 else style.INTERNATIONAL
    )


def checked_zip(text: str) -> str:
    """Bring a ZIP Code into its normal form.

    Raises:
        ValueError: It is none.
    """
    found = zip_code(text)
    if found is None:
        raise ValueError("Enter a ZIP Code of 5 digits, or with its extension, such as 12345-6789.")
    return found


def checked_ssn(text: str) -> str:
    """Bring a Social Security number into its normal form.

    A demonstration takes only numbers that are never issued, so that nobody types a real one into it.

    Returns:
        Nine digits.

    Raises:
        ValueError: It is no number that can be anybody's, or one that could be in a demonstration. The
            message does not repeat it.
    """
    found = _SSN.fullmatch(text.strip())
    if found is None:
        raise ValueError("A Social Security number has 9 digits, such as 123-45-6789. Check yours.")
    area, group, serial = found.groups()
    never_issued = area == "000" or area.startswith("9")
    if current_settings().environment is Environment.DEMO:
        if not never_issued:
            raise ValueError(
                "This is a demonstration. Never enter a real Social Security number here: take one"
                " such as 900-12-3456, which is never issued."
            )
        never_issued = False
    if never_issued or area == "666" or group == "00" or serial == "0000":
        raise ValueError("There is no such Social Security number. Check the digits.")
    return area + group + serial


def ssn_hash(ssn: str) -> bytes:
    """Hash a Social Security number so that it can be met again without being readable.

    Args:
        ssn: Nine digits.

    Returns:
        32 bytes, keyed.
    """
    return current_vault().keyed_hash("ssn", ssn)


def profile_of(user: User) -> Profile | None:
    """What is known of the person of an account; None for an account that the command line made."""
    person = db.session.get(Person, user.id)
    return None if person is None else Profile.from_json(person.profile)


def shown_name(user: User) -> str:
    """Name the person of an account: first and last name, or the user ID where no name is known."""
    profile = profile_of(user)
    return f"{profile.first_name} {profile.last_name}" if profile else user.user_id


def words_of(user: User) -> tuple[str, ...]:
    """What others know or guess of the person of an account, which a password must not be made of."""
    profile = profile_of(user)
    return (user.user_id, user.email or "", *(profile.words if profile else ()))


def find_proved(session: Session, hashed_ssn: bytes) -> User | None:
    """Look up an account in use of whoever was proved with a Social Security number.

    Without proof it stands for nothing: anybody could keep its owner out by entering it first.

    Args:
        session: Where to look.
        hashed_ssn: Of `ssn_hash`.
    """
    return session.scalar(
        select(User)
        .join(Person, Person.user_id == User.id)
        .where(Person.ssn_hash == hashed_ssn, User.proofing == ProofingState.PROVED, User.active)
        .limit(1)
    )
