"""Finding providers by name, CCN and state. Needs an application context for the database."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, and_, or_, select, tuple_

from iqies_flask.access import ccn as ccns
from iqies_flask.access.models import Provider
from iqies_flask.extensions import db

PAGE_ENTRIES = 50
MOST_CHARACTERS = 100
"""Of what is searched for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is searched for.

    Attributes:
        text: Words of the name, or the beginning of a CCN; empty for all.
        state: Two-letter state code; empty for all.
        within: CCNs of the only providers to look at; None for all.
    """

    text: str = ""
    state: str = ""
    within: Collection[str] | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """Some providers, by their names.

    Attributes:
        items: They.
        before: CCN of the first, if there are others before it; else empty.
        after: CCN of the last, if there are others behind it; else empty.
    """

    items: list[Provider]
    before: str = ""
    after: str = ""


def find_providers(asked: Asked, *, before: str = "", after: str = "") -> Found:
    """Give a page of the providers that are asked for. However far on it is, it takes no longer.

    Args:
        asked: Which.
        before: CCN of a provider before which to look.
        after: CCN of a provider behind which to look. One that is not registered counts as none.
    """
    back = bool(before)
    edge = _place(before or after)
    order = (
        (Provider.name_folded.desc(), Provider.ccn.desc()) if back else (Provider.name_folded, Provider.ccn)
    )
    statement = select(Provider).where(_wanted(asked)).order_by(*order).limit(PAGE_ENTRIES + 1)
    if edge is not None:
        place = tuple_(Provider.name_folded, Provider.ccn)
        statement = statement.where(place < edge if back else place > edge)
    found = list(db.session.scalars(statement))
    more, items = len(found) > PAGE_ENTRIES, found[:PAGE_ENTRIES]
    if back:
        items.reverse()
    if not items:
        return Found([])
    has_before, has_after = (more, True) if back else (edge is not None, more)
    return Found(items, items[0].ccn if has_before else "", items[-1].ccn if has_after else "")


def _place(ccn: str) -> ColumnElement[tuple[str, str]] | None:
    provider = db.session.get(Provider, ccn) if ccn and "\0" not in ccn else None
    return None if provider is None else tuple_(provider.name_folded, provider.ccn)


def _wanted(asked: Asked) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = []
    if asked.state:
        conditions.append(Provider.state == asked.state)
    if asked.within is not None:
        conditions.append(Provider.ccn.in_(asked.within))
    words = asked.text.replace("\0", "")[:MOST_CHARACTERS].casefold().split()
    if words:
        named = and_(*(Provider.name_folded.contains(word, autoescape=True) for word in words))
        number = ccns.normalized("".join(words))
        is_number = number and len(number) <= ccns.LENGTH
        conditions.append(
            or_(named, Provider.ccn.startswith(number, autoescape=True)) if is_number else named
        )
    return and_(True, *conditions)
