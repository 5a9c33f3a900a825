"""An invented person, as the site keeps it, as plugins get it and as forms are filled in."""

from dataclasses import asdict
from datetime import date
from typing import Any

from iqies_flask.identity.persons import EmailBasis, Profile
from iqies_flask.model import Applicant

_PERSON: dict[str, Any] = {
    "first_name": "Testy",
    "middle_initial": "Q",
    "last_name": "Testperson",
    "birth_date": date(1986, 4, 28),
    "email": "testperson@agency.example",
    "phone": "+12025550123",
    "in_us": True,
    "street": "1 Sample Street",
    "street2": "",
    "city": "Testville",
    "state": "AL",
    "zip": "35004",
    "country": "US",
    "email_basis": EmailBasis.CORPORATE,
}
TYPED = {
    "first_name": "Testy",
    "middle_initial": "q",
    "last_name": "Testperson",
    "phone": "202-555-0123",
    "in_us": "yes",
    "street": "1 Sample Street",
    "city": "Testville",
    "state": "AL",
    "zip": "35004",
}
"""Name, telephone and home of the person, as they are entered into forms."""

TYPED_BIRTH_DATE = {"birth_month": "4", "birth_day": "28", "birth_year": "1986"}
TRUTHS = {
    "street": "Sample Street",
    "zip": "35004",
    "birth_year": "1986",
    "phone": "0123",
    "city": "Testville",
}
"""What the proofing service for demonstrations asks about the person, and the right answers."""


def profile(**changes: Any) -> Profile:
    """The whole profile; what the test cares about is changed."""
    return Profile(**{**_PERSON, **changes})


def applicant(**changes: Any) -> Applicant:
    """The same person as a proofing service gets it."""
    values = asdict(profile(**changes))
    del values["email_basis"]
    return Applicant(**values)
