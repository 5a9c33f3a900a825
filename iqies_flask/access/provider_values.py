"""What the registry may hold of a provider. Each rule gives a value in its normal form, or refuses it."""

import re
from datetime import date, datetime

from sqlalchemy.orm import InstrumentedAttribute

from iqies_flask.access.ccn import CCN
from iqies_flask.access.errors import AccessError
from iqies_flask.access.kinds import KIND_LABELS, ProviderKind
from iqies_flask.access.models import Provider
from iqies_flask.database import length_of
from iqies_flask.dates import date_in_words
from iqies_flask.identity.lists import free_mail_domains
from iqies_flask.identity.places import US_STATES, zip_code

_FACILITY_ID = re.compile(r"[0-9A-Z]{1,16}")
_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
_DAY_FORMS = ("%Y-%m-%d", "%m/%d/%Y", "%Y%m%d")
_FIRST_DAY = date(1965, 7, 30)
"""Nothing was certified before there was Medicare."""
_LAST_DAY = date(2099, 12, 31)
MOST_DOMAINS = 50


def checked_text(text: str, column: InstrumentedAttribute[str]) -> str:
    """Take needless spaces out of a text, and make sure that its column holds it.

    Raises:
        AccessError: It is too long, or holds what cannot be printed.
    """
    tidy = " ".join(text.split())
    most = length_of(column)
    if most is not None and len(tidy) > most:
        raise AccessError(f"It has {len(tidy)} characters; at most {most} can be kept.")
    if not tidy.isprintable():
        raise AccessError("It holds characters that cannot be shown. Type it anew.")
    return tidy


def checked_name(text: str) -> str:
    """Check a provider's name.

    Raises:
        AccessError: It is empty, too long, or cannot be printed.
    """
    name = checked_text(text, Provider.name)
    if not name:
        raise AccessError("A provider needs a name.")
    return name


def checked_state(text: str, ccn: CCN) -> str:
    """Check a state code. It is the state of the CCN, unless that is a number of no state.

    Raises:
        AccessError: It is none, or another one.
    """
    state = text.strip().upper()
    if state not in US_STATES:
        raise AccessError(f"{text.strip()} is no two-letter code of a state, such as CT.")
    if ccn.state and state != ccn.state:
        raise AccessError(
            f"{ccn.text} is the number of a provider in {US_STATES[ccn.state]} ({ccn.state}), not in "
            f"{US_STATES[state]} ({state}). Correct the state or the CCN."
        )
    return state


def checked_kind(kind: ProviderKind, ccn: CCN) -> ProviderKind:
    """Check a kind of provider, which the CCN says as well.

    Raises:
        AccessError: It is another one.
    """
    if kind is not ccn.kind:
        raise AccessError(
            f"{ccn.text} is the number of a {KIND_LABELS[ccn.kind]} ({ccn.kind}), not of a "
            f"{KIND_LABELS[kind]} ({kind}). Correct the kind or the CCN."
        )
    return kind


def checked_facility_id(text: str) -> str:
    """Check a submission ID (MDS FAC_ID, OASIS HHA_AGENCY_ID); it may be empty.

    Raises:
        AccessError: It is none.
    """
    facility_id = text.strip().upper()
    if facility_id and not _FACILITY_ID.fullmatch(facility_id):
        raise AccessError(f"{text.strip()} is no facility ID: it has up to 16 digits and letters.")
    return facility_id


def checked_zip(text: str) -> str:
    """Check a ZIP Code, with or without the four further digits; it may be empty.

    Raises:
        AccessError: It is none.
    """
    if not text.strip():
        return ""
    found = zip_code(text)
    if found is None:
        hint = " Did a zero at the front get lost?" if re.fullmatch("[0-9]{3,4}", text.strip()) else ""
        raise AccessError(f"{text.strip()} is no ZIP Code: it has five digits, or nine.{hint}")
    return found


def read_day(text: str) -> date:
    """Read a day, written as 2026-01-31, 01/31/2026 or 20260131.

    Raises:
        AccessError: It is none, or lies where no certification does.
    """
    for form in _DAY_FORMS:
        try:
            return checked_day(datetime.strptime(text.strip(), form).date())
        except AccessError:
            raise
        except ValueError:
            continue
    raise AccessError(f"{text.strip()} is no date. Write it as 2026-01-31 or 01/31/2026.")


def checked_day(day: date) -> date:
    """Check a day on which a certification begins or ends.

    Raises:
        AccessError: It lies where none does.
    """
    if not _FIRST_DAY <= day <= _LAST_DAY:
        raise AccessError(f"Give a day from {_FIRST_DAY} to {_LAST_DAY}; this is {day}.")
    return day


def check_span(certified_on: date | None, terminated_on: date | None) -> None:
    """Make sure that a certification does not end before it begins.

    Raises:
        AccessError: It does.
    """
    if certified_on and terminated_on and terminated_on < certified_on:
        raise AccessError(
            f"The certification would end on {date_in_words(terminated_on)}, before it begins on"
            f" {date_in_words(certified_on)}."
        )


def read_domains(text: str) -> list[str]:
    """Read the domains of a provider's e-mail addresses, apart from each other by spaces, commas or lines.

    Raises:
        AccessError: One is none, or is one at which everybody can have an address.
    """
    domains = dict.fromkeys(word.lower().removeprefix("@") for word in re.split(r"[\s,;]+", text) if word)
    for domain in domains:
        if not _DOMAIN.fullmatch(domain):
            raise AccessError(f"{domain} is no domain. Write what stands behind the @, such as example.org.")
        if domain in free_mail_domains():
            raise AccessError(f"Everybody can have an address at {domain}: it tells nothing of a provider.")
    if len(domains) > MOST_DOMAINS:
        raise AccessError(f"Give at most {MOST_DOMAINS} domains.")
    return list(domains)
