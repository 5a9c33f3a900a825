"""The links at the top of every page: each is shown to those who may see its page."""

from dataclasses import dataclass

from flask import Flask
from flask_login import current_user

from iqies_flask.access.actions import Action
from iqies_flask.access.permission import may
from iqies_flask.identity.models import ProofingState
from iqies_flask.identity.sessions.current import current_login
from iqies_flask.identity.sessions.models import Level


@dataclass(frozen=True, slots=True)
class Link:
    """One of the links.

    Attributes:
        endpoint: Its page.
        label: What it says.
        action: What one must be allowed to do at the Service Center; None for everybody who is signed in.
    """

    endpoint: str
    label: str
    action: Action | None = None


LINKS = (
    Link("submissions.upload", "Upload a file"),
    Link("submissions.index", "My submissions"),
    Link("submissions.provider_reports", "Provider reports"),
    Link("vut.check", "Validation Utility Tool"),
    Link("reference.index", "Reference"),
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
    return [link for link in LINKS if link.action is None or may(current_user, link.action)]
