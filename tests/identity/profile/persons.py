"""Invented persons."""

from datetime import date
from typing import Any

from iqies_flask.identity.persons import EmailBasis, Profile


def profile(**changes: Any) -> Profile:
    """A whole profile; what the test cares about is changed."""
    values: dict[str, Any] = {
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
    return Profile(**{**values, **changes})
