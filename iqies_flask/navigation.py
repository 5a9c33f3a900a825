"""The links at the top of every page: each is shown to those who may see its page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from flask import Flask, g, request, url_for
from flask_login import current_user
from sqlalchemy import ScalarSelect, select

from iqies_flask.access.actions import Action
from iqies_flask.access.officials.certification import number_due
from iqies_flask.access.officials.queue import MOST_COUNTED, Desk, number_waiting
from iqies_flask.access.permission import allowed_anywhere
from iqies_flask.extensions import db
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.sessions.current import current_login, person
from iqies_flask.identity.sessions.models import Level


@dataclass(frozen=True, slots=True)
class Link:
    """One of the links.

    Attributes:
        endpoint: Its page.
        label: What it says.
        action: What one must be allowed to do, for some provider or in an office; None for everybody who is
            signed in.
        counts: Counts what waits there for somebody, as a part of a statement; None where nothing does.
        also: Further pages of this section, whose addresses do not begin with the link's.
    """

    endpoint: str
    label: str
    action: Action | None = None
    counts: Callable[[User], ScalarSelect[int]] | None = None
    also: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link as somebody sees it.

    Attributes:
        address: Of its page.
        label: What it says.
        current: What ``aria-current`` says: ``page`` on its page, ``true`` on those below it, else nothing.
        of_role: Whether it is there because of a role, and not for everybody.
        waiting: How much waits there, in a word; empty for nothing.
    """

    address: str
    label: str
    current: str
    of_role: bool
    waiting: str


LINKS = (
    Link("submissions.upload", "Upload a file"),
    Link("submissions.index", "My submissions"),
    Link(
        "submissions.provider_reports",
        "Provider reports",
        Action.VIEW_REPORTS,
        also=frozenset({"submissions.provider_report"}),
    ),
    Link(
        "officials.requests",
        "Role requests",
        Action.APPROVE_ROLES,
        partial(number_waiting, desk=Desk.PROVIDERS),
    ),
    Link("officials.own_providers", "Users and roles", Action.APPROVE_ROLES, number_due),
    Link(
        "officials.first_officials",
        "First officials",
        Action.APPROVE_FIRST_OFFICIAL,
        partial(number_waiting, desk=Desk.CMS),
    ),
    Link("officials.vacancies", "Without an official", Action.APPROVE_FIRST_OFFICIAL),
    Link("officials.sole_officials", "To be certified", Action.APPROVE_FIRST_OFFICIAL),
    Link("offices.index", "Offices", Action.APPROVE_FIRST_OFFICIAL),
    Link("providers.index", "Providers", Action.VIEW_REGISTRY),
    Link("service_center.proofing_queue", "Identity proofing", Action.PROVE_IDENTITIES),
    Link("service_center.audit", "Audit log", Action.VIEW_AUDIT_LOG),
    Link("vut.check", "Validation Utility Tool"),
    Link("reference.index", "Reference"),
)
PUBLIC = (
    Link("vut.check", "Validation Utility Tool"),
    Link("reference.index", "Reference"),
    Link("sign_in.password", "Sign in"),
)


def init_app(app: Flask) -> None:
    """Give templates the function ``navigation``."""
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[ShownLink]:
    """List the links for whoever asks for the page; none for who could not follow them yet.

    Whoever works in an office and may send nothing has no use for the page on which files are sent.

    They stand on every page, so they cost one look into the database, and a second one for who decides about
    roles, however often a page asks for them.
    """
    if "navigation" not in g:
        g.navigation = _links()
    links: list[ShownLink] = g.navigation
    return links


def _links() -> list[ShownLink]:
    if not current_user.is_authenticated:
        return _shown(PUBLIC, {})
    login = current_login()
    if login is None or login.level is not Level.FULL or current_user.proofing is not ProofingState.PROVED:
        return []
    user = person()
    allowed = allowed_anywhere(user)
    links = [link for link in LINKS if link.action is None or link.action in allowed]
    if allowed and Action.UPLOAD not in allowed:
        links = [link for link in links if link.endpoint != "submissions.upload"]
    counts = {link.endpoint: link.counts(user) for link in links if link.counts is not None}
    found = db.session.execute(select(*counts.values())).one() if counts else ()
    return _shown(links, dict(zip(counts, found, strict=True)))


def _shown(links: Sequence[Link], numbers: Mapping[str, int]) -> list[ShownLink]:
    addresses = {link.endpoint: url_for(link.endpoint) for link in links}
    section = _section(links, addresses)
    return [
        ShownLink(
            address=addresses[link.endpoint],
            label=link.label,
            current="" if link.endpoint != section else "page" if request.endpoint == section else "true",
            of_role=link.action is not None,
            waiting=_in_a_word(numbers.get(link.endpoint, 0)),
        )
        for link in links
    ]


def _section(links: Sequence[Link], addresses: Mapping[str, str]) -> str:
    """Find the link below which the page stands; empty for none."""
    for link in links:
        if request.endpoint in link.also:
            return link.endpoint
    above = [
        (len(address), endpoint)
        for endpoint, address in addresses.items()
        if request.path == address or request.path.startswith(f"{address.rstrip('/')}/")
    ]
    return max(above)[1] if above else ""


def _in_a_word(number: int) -> str:
    return f"{MOST_COUNTED - 1}+" if number >= MOST_COUNTED else str(number or "")
