"""The accounts of the demonstration, one for each kind of user: everybody knows their passwords and codes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from iqies_flask.access.grants import appoint, grant, offices_of, roles_of
from iqies_flask.access.models import Provider, RequestState, RoleRequest
from iqies_flask.access.official_or_vendor import other_side
from iqies_flask.access.permission import current_matrix
from iqies_flask.access.registry import add_provider
from iqies_flask.access.requests.rules import check
from iqies_flask.access.requests.service import submit
from iqies_flask.access.roles import Role
from iqies_flask.cli.demo_batch import (
    HOME_HEALTH,
    NURSING_HOME,
    OTHER_HOME,
    PROVIDERS,
    SWING_BED,
    DemoProvider,
)
from iqies_flask.database import write_transaction
from iqies_flask.extensions import db
from iqies_flask.identity import service as identity
from iqies_flask.identity.models import Person, ProofingState, User
from iqies_flask.identity.persons import EmailBasis, Profile, checked_ssn, shown_phone, ssn_hash
from iqies_flask.identity.proofing.service import ask_for_officer
from iqies_flask.identity.recovery import codes

PASSWORD = "only for demonstration"  # noqa: S105 - printed on every run, and the site listens on this machine only
RECOVERY_CODES = tuple(f"DEMO-CODE-0000-{number:04}" for number in range(1, codes.NUMBER + 1))
"""Of each account. The letter O counts as a zero, as in every recovery code."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of the demonstration, and its person. No such person exists.

    Attributes:
        user_id: What to sign in with.
        number: Makes telephone number and Social Security number differ from the others'.
        providers: For whom it holds its role.
        role: Which role it holds for providers.
        office: At the Service Center or at CMS; None for none.
        asks: For whom and for which role it has asked; None for none.
        proved: Whether it is proved who the person is.
        ssn: A number that is never issued, as one types it; None for somebody who gave none, on
            whom an officer decides.
    """

    user_id: str
    number: int
    providers: tuple[DemoProvider, ...] = ()
    role: Role = Role.ASSESSMENT_SUBMITTER
    office: Role | None = None
    asks: tuple[DemoProvider, Role] | None = None
    proved: bool = True
    ssn: str | None = None

    @property
    def profile(self) -> Profile:
        """The person."""
        return Profile(
            first_name="Testperson",
            middle_initial="",
            last_name=self.user_id.rpartition(".")[2].capitalize(),
            birth_date=date(1980, 2, 28),
            email=f"{self.user_id}@example.org",
            phone=f"+120255501{self.number:02}",
            in_us=True,
            street=f"{self.number} Sample Street",
            street2="",
            city="Sampleton",
            state="CT",
            zip="06001",
            country="US",
            email_basis=EmailBasis.CORPORATE,
        )


SUBMITTER = DemoAccount("demo.submitter", 1, providers=(NURSING_HOME, SWING_BED, HOME_HEALTH))
APPLICANT = DemoAccount("demo.applicant", 5, proved=False, ssn="900-12-0005")
ACCOUNTS = (
    SUBMITTER,
    DemoAccount("demo.nursing", 2, providers=(NURSING_HOME,)),
    DemoAccount(
        "demo.official", 7, providers=(NURSING_HOME, HOME_HEALTH), role=Role.PROVIDER_SECURITY_OFFICIAL
    ),
    DemoAccount(
        "demo.vendor",
        8,
        providers=(HOME_HEALTH,),
        role=Role.VENDOR_ASSESSMENT_SUBMITTER,
        asks=(NURSING_HOME, Role.VENDOR_ASSESSMENT_SUBMITTER),
    ),
    DemoAccount("demo.newcomer", 9, asks=(OTHER_HOME, Role.PROVIDER_SECURITY_OFFICIAL)),
    DemoAccount("demo.cms", 10, office=Role.CMS_OFFICIAL),
    DemoAccount("demo.officer", 3, office=Role.PROOFING_OFFICER),
    DemoAccount("demo.auditor", 4, office=Role.AUDITOR),
    APPLICANT,
    DemoAccount("demo.waiting", 6, proved=False),
)
_MAY = {
    Role.ASSESSMENT_SUBMITTER: "may submit for",
    Role.VENDOR_ASSESSMENT_SUBMITTER: "may submit, as its vendor, for",
    Role.PROVIDER_SECURITY_OFFICIAL: "may submit, and decides about roles, for",
}
_OFFICES = {
    Role.CMS_OFFICIAL: "CMS official: decides about the first Security Official of a provider",
    Role.PROOFING_OFFICER: "proofing officer: decides who waits to be proved by hand",
    Role.AUDITOR: "auditor: reads the audit log",
}
_STANDINGS = {
    ProofingState.NEEDED: "has still to prove who it is",
    ProofingState.WAITING: "waits for the proofing officer",
    ProofingState.PROVED: "has proved who it is, and may submit for nobody yet",
    ProofingState.REFUSED: "was refused by a proofing officer",
}
_CODES_SHOWN = 3


def make_accounts() -> None:
    """Make providers and accounts. Those that are there can be signed in with again as it is printed."""
    for provider in PROVIDERS:
        add_provider(provider.ccn, provider.name, provider.state, provider.facility_id, provider.kind)
    for account in ACCOUNTS:
        _make(account)
    # Not before everybody is there: the e-mails of a request name those who decide about it.
    for account in ACCOUNTS:
        _ask(account)


def ways_to_sign_in(site_url: str) -> Iterator[str]:
    """Tell how to sign in, line by line.

    Args:
        site_url: Address of the site.
    """
    yield f'Its accounts, each with the password "{PASSWORD}":'
    for account in ACCOUNTS:
        yield f"  {account.user_id:<16} {_in_words(account)}"
    yield 'They need no security key: after the password choose "Use a recovery code instead", and enter'
    for code in RECOVERY_CODES[:_CODES_SHOWN]:
        yield f"  {code}"
    yield f"or any up to {RECOVERY_CODES[-1]}. Each works once an account, and again after the next start."
    yield "In a browser that has passkeys you can set up a key of your own instead, and register yourself."
    yield f"What {APPLICANT.user_id} is asked to prove who it is:"
    for answer in _answers(APPLICANT):
        yield f"  {answer}"
    yield f"All e-mail can be read at {site_url}/demo/outbox. Nothing here is real; put no real data in."


def _answers(account: DemoAccount) -> Iterator[str]:
    person = account.profile
    yield f"Social Security number {account.ssn}, born on {person.birth_date:%B %-d, %Y}"
    yield f"{person.street}, {person.city}, {person.state} {person.zip}, phone {shown_phone(person.phone)}"


def _make(account: DemoAccount) -> None:
    user = identity.find_user(account.user_id)
    if user is None:
        user = identity.create_user(account.user_id, PASSWORD, account.profile.email, of_demonstration=True)
    elif identity.authenticate(account.user_id, PASSWORD) is None:
        # Somebody tried out how a password is changed, or an account deactivated.
        identity.activate(account.user_id)
        identity.set_password(account.user_id, PASSWORD)
    with write_transaction() as session:
        if session.get(Person, user.id) is None:
            _add_person(session, user, account)
        codes.put(session, user, RECOVERY_CODES)
    _give_roles(user, account)
    if account.ssn is None and user.proofing is ProofingState.NEEDED:
        ask_for_officer(user)


def _add_person(session: Session, user: User, account: DemoAccount) -> None:
    user.of_demonstration = True
    if user.email is None:
        user.email, user.email_hash = account.profile.email, identity.email_hash(account.profile.email)
    user.proofing = ProofingState.PROVED if account.proved else ProofingState.NEEDED
    hashed = ssn_hash(checked_ssn(account.ssn)) if account.ssn else None
    session.add(Person(user_id=user.id, profile=account.profile.to_json(), ssn_hash=hashed))


def _give_roles(user: User, account: DemoAccount) -> None:
    # Somebody who tried out the other role, as official or as vendor, keeps that one.
    if other_side(db.session, user, account.role, asked=False) is None:
        for provider in account.providers:
            grant(user, provider.ccn, account.role)
    if account.office is not None:
        appoint(user, account.office)


def _ask(account: DemoAccount) -> None:
    user = identity.find_user(account.user_id)
    assert user is not None
    if account.asks is not None:
        provider, role = account.asks
        # What was approved, or still waits, is not asked for again.
        if check(db.session, user, role, provider.ccn) is None:
            submit(user, role, [provider.ccn])


def _in_words(account: DemoAccount) -> str:
    user = identity.find_user(account.user_id)
    assert user is not None
    parts = [*_held(user), *(_OFFICES.get(role, _label(role)) for role in offices_of(user)), *_asked(user)]
    return "; ".join(parts) or _STANDINGS[user.proofing]


def _held(user: User) -> Iterator[str]:
    held = sorted(roles_of(user), key=lambda grant: grant.role)
    for role, grants in groupby(held, key=lambda grant: grant.role):
        names = ", ".join(_name(grant.ccn) for grant in grants)
        yield f"{_MAY.get(role, f'is {_label(role)} for')} {names}"


def _asked(user: User) -> Iterator[str]:
    waiting = select(RoleRequest).where(
        RoleRequest.user_id == user.id, RoleRequest.state == RequestState.PENDING
    )
    for request in db.session.scalars(waiting.order_by(RoleRequest.id)):
        whom = f" for {_name(request.ccn)}" if request.ccn else ""
        yield f"has asked to be {_label(request.role)}{whom}"


def _label(role: Role) -> str:
    return current_matrix().roles[role].label


def _name(ccn: str) -> str:
    return db.session.get_one(Provider, ccn).name
