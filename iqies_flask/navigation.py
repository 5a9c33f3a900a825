"""The links at the top of every page: each is shown to those who may see its page."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import Flask
from flask_login import current_user

from iqies_flask.access.actions import Action
from iqies_flask.access.officials.queue import MOST_COUNTED, Desk, number_waiting
from iqies_flask.access.permission import may_anywhere
from iqies_flask.identity.models import ProofingState, User
from iqies_flask.identity.sessions.current import current_login
from iqies_flask.identity.sessions.models import Level


@dataclass(frozen=True, slots=True)
class Link:
    """One of the links.

    Attributes:
        endpoint: Its page.
        label: What it says.
        action: What one must be allowed to do, for some provider or in an office; None for everybody who is
            signed in.
        number: Counts what waits there for a user; None where nothing does.
    """

    endpoint: str
    label: str
    action: Action | None = None
    number: Callable[[User], int] | None = None

    @property
    def waiting(self) -> str:
        """How much waits there for whoever asks for the page, in a word; empty for nothing."""
        number = self.number(current_user._get_current_object()) if self.number else 0
        if number >= MOST_COUNTED:
            return f"{MOST_COUNTED - 1}+"
        return str(number or "")


LINKS = (
    Link("submissions.upload", "Upload a file"),
    Link("submissions.index", "My submissions"),
    Link("submissions.provider_reports", "Provider reports", Action.VIEW_REPORTS),
    Link("requests.start", "Request User Role"),
    Link("vut.check", "Validation Utility Tool"),
    Link("reference.index", "Reference"),
    Link("access.matrix", "Roles"),
    Link(
        "officials.requests",
        "Role requests",
        Action.APPROVE_ROLES,
        partial(number_waiting, desk=Desk.PROVIDERS),
    ),
    Link("officials.own_providers", "Users and roles", Action.APPROVE_ROLES),
    Link(
        "officials.first_officials",
        "First officials",
        Action.APPROVE_FIRST_OFFICIAL,
        partial(number_waiting, desk=Desk.CMS),
    ),
    Link("officials.vacancies", "Without an official", Action.APPROVE_FIRST_OFFICIAL),
    Link("providers.index", "Providers", Action.VIEW_REGISTRY),
    Link("service_center.proofing_queue", "Identity proofing", Action.PROVE_IDENTITIES),
    Link("service_center.audit", "Audit log", Action.VIEW_AUDIT_LOG),
)


def init_app(app: Flask) -> None:
    """Give templates the function ``navigation``."""
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[Link]:
    """List the links for whoever asks for the page; none for who could not follow them yet."""
    login = current_login()
    if login is None or login.level is not Level.FULL or current_user.proofing is not ProofingState.PROVED:
        return []
    return [link for link in LINKS if link.action is None or may_anywhere(current_user, link.action)]
