"""Persons to be proved, officers, and a proofing service as a vendor would write it."""

from datetime import timedelta
from pathlib import Path

from iqies_flask.access.models import OfficeGrant
from iqies_flask.access.roles import Role
from iqies_flask.database import utc_now, write_transaction
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.persons import ssn_hash
from iqies_flask.identity.registration.models import Registration
from iqies_flask.identity.service import create_user
from iqies_flask.identity.tokens import token_hash
from tests.conftest import PASSWORD
from tests.persons import profile

SSN = "900010001"

ACME = """
from iqies_flask.plugin import *

YES_NO = (Choice("1", "Yes"), Choice("2", "No"))

@hookimpl
def prove_identity(request):
    if request.state is None:
        assert request.ssn == "900010001" and not request.answers
        questions = (Question("a b", "Is it A?", YES_NO), Question("b", "Is it B?", YES_NO))
        return AskQuestions(questions, {"right": "1"}, "ACME asks.")
    assert request.ssn is None
    if request.reference:
        return Proved("ACME-2") if request.reference == "R7" else Failed("Not that number.")
    wrong = sum(answer != request.state["right"] for answer in request.answers.values())
    if wrong == 0:
        return Proved("ACME-1")
    if wrong == 1:
        return NeedReference("Call ACME.", {"right": "1"})
    return Failed("Too many do not fit.")
"""
"""Asks two questions, whose right answers have the id 1; with one wrong it needs the reference number R7."""

RIGHT = {"a b": "1", "b": "1"}
HALF = {"a b": "1", "b": "2"}
WRONG = {"a b": "2", "b": "2"}


def install(folder: Path, body: str = ACME, name: str = "acme") -> None:
    """Put a plugin into the operator's folder, before it is first asked."""
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.py").write_text(body)


def add_person(user_id: str, *, ssn: str | None = SSN, token: str = "") -> User:
    """Make an account whose registration is confirmed and whose proofing has not begun.

    Args:
        user_id: Its user ID.
        ssn: The Social Security number that was given.
        token: Of the registration, which is still there; empty for one that has expired.
    """
    user = create_user(user_id, PASSWORD, f"{user_id}@sample.example")
    with write_transaction() as session:
        session.get_one(User, user.id).proofing = ProofingState.NEEDED
        hashed = ssn_hash(ssn) if ssn else None
        session.add(Person(user_id=user.id, profile=profile().to_json(), ssn_hash=hashed))
        if token:
            session.add(
                Registration(
                    token_hash=token_hash(token),
                    expires_at=utc_now() + timedelta(hours=1),
                    ssn=ssn,
                    account_id=user.id,
                )
            )
    return user


def add_officer(user_id: str) -> User:
    """Make the account of a proofing officer."""
    user = create_user(user_id, PASSWORD, f"{user_id}@sample.example")
    with write_transaction() as session:
        session.add(OfficeGrant(user_id=user.id, role=Role.PROOFING_OFFICER))
    return user
