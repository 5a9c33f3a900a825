"""The links at the top of every page: each is shown to those who may see its page."""

from dataclasses import dataclass

from flask import Flask
from flask_login import current_user

from iqies_flask.access.service import Action, may


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
    Link("service_center.proofing_queue", "Identity proofing", Action.PROVE_IDENTITIES),
    Link("service_center.audit", "Audit log", Action.VIEW_AUDIT_LOG),
)


def init_app(app: Flask) -> None:
    """Give templates the function ``navigation``."""
    app.jinja_env.globals["navigation"] = navigation


def navigation() -> list[Link]:
    """List the links for whoever asks for the page; none for who is not signed in."""
    if not current_user.is_authenticated:
        return []
    return [link for link in LINKS if link.action is None or may(current_user, link.action)]
