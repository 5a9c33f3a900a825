"""The pages of officials. For who may not act for a provider, its pages do not exist; others say why not."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from iqies_flask.access.actions import Action
from iqies_flask.access.deciders import officials_of
from iqies_flask.access.errors import AccessError
from iqies_flask.access.models import Provider
from iqies_flask.access.officials import certification as certification_rules
from iqies_flask.access.officials import outcomes, providers, queue, service
from iqies_flask.access.officials.forms import (
    CertificationForm,
    ChangeForm,
    DecisionForm,
    QueueFilterForm,
    RevocationForm,
    VacancyFilterForm,
)
from iqies_flask.access.officials.outcomes import CameOf
from iqies_flask.access.officials.queue import Desk
from iqies_flask.access.officials.remit import Remit, remit_of
from iqies_flask.access.officials.service import HeldRole, Holder
from iqies_flask.access.permission import current_matrix, may, may_anywhere, refuse
from iqies_flask.access.registry import find_provider
from iqies_flask.access.requests import service as requests_service
from iqies_flask.access.roles import CATEGORY_LABELS, Role
from iqies_flask.access.visibility import sees
from iqies_flask.arguments import entry_asked
from iqies_flask.database import LARGEST_NUMBER
from iqies_flask.extensions import db
from iqies_flask.identity.sessions.current import person, request_origin, requires_recent_proof

blueprint = Blueprint("officials", __name__, url_prefix="/officials")

_LEAVINGS = 5
_NO_LONGER_SEEN = "A request that is not yours to decide any more"
_NOT_YOURS = "This is no longer yours to decide. Nothing was changed by you."

_Page = str | Response | tuple[str, int]


class _Subject(NamedTuple):
    """A role that somebody holds for a provider."""

    provider: Provider
    holder: Holder
    held: HeldRole


@blueprint.route("/requests", methods=["GET", "POST"])
def requests() -> _Page:
    """List the requests that wait for a Security Official, and decide about some of them.

    Renders ``officials/queue.html`` with ``desk``, ``asked_form``, ``form``, ``found`` (a `Part`, each a
    `WaitingRequest`),
    ``asked`` (the filter's values for addresses), ``categories`` and ``short`` (number of
    providers with too few officials); ``officials/outcomes.html`` with ``outcomes`` (each a text and a
    `CameOf`) after a decision.
    """
    if not may_anywhere(person(), Action.APPROVE_ROLES):
        refuse(person(), Action.APPROVE_ROLES)
    return _desk(Desk.PROVIDERS)


@blueprint.route("/first-officials", methods=["GET", "POST"])
def first_officials() -> _Page:
    """List the requests that wait for CMS, and decide about some of them. Renders what `requests` does."""
    if not may(person(), Action.APPROVE_FIRST_OFFICIAL):
        refuse(person(), Action.APPROVE_FIRST_OFFICIAL)
    return _desk(Desk.CMS)


@blueprint.get("/providers")
def own_providers() -> str:
    """List the providers for which somebody decides.

    Renders ``officials/providers.html`` with ``found`` (a `Part`, each an `OwnProvider`) and ``short``.
    """
    if not may_anywhere(person(), Action.APPROVE_ROLES):
        refuse(person(), Action.APPROVE_ROLES)
    found = providers.providers_of(person(), after=request.args.get("after", "").replace("\0", ""))
    short = providers.short_of_officials(person())
    return render_template("officials/providers.html", found=found, short=short)


@blueprint.get("/vacancies")
def vacancies() -> _Page:
    """List the providers without a Security Official.

    Renders ``officials/vacancies.html`` with ``form``, ``asked``, ``found`` (a `Part`, each a `Vacancy`; None
    where the filter cannot be used) and ``leavings`` (the latest, on the first page).
    """
    if not may(person(), Action.APPROVE_FIRST_OFFICIAL):
        refuse(person(), Action.APPROVE_FIRST_OFFICIAL)
    form = VacancyFilterForm(request.args)
    if not form.validate():
        page = render_template("officials/vacancies.html", form=form, asked={}, found=None, leavings=[])
        return page, 422
    after = request.args.get("after", "").replace("\0", "")
    asked = {field.name: field.data for field in form if field.data}
    found = providers.providers_without_official(form.q.data or "", form.state.data or "", after=after)
    leavings = [] if after or asked else providers.last_leavings(_LEAVINGS)
    return render_template("officials/vacancies.html", form=form, asked=asked, found=found, leavings=leavings)


@blueprint.get("/certifications")
def sole_officials() -> str:
    """List the Security Officials whose role is due and whom only CMS can certify.

    Renders ``officials/sole_officials.html`` with ``found`` (a `Part`, each a `SoleOfficial`) and ``period``.
    """
    if not may(person(), Action.APPROVE_FIRST_OFFICIAL):
        refuse(person(), Action.APPROVE_FIRST_OFFICIAL)
    found = certification_rules.sole_officials(request.args.get("after", "").replace("\0", ""))
    return render_template("officials/sole_officials.html", found=found, period=certification_rules.period())


@blueprint.get("/providers/<ccn>")
def users(ccn: str) -> str:
    """List who holds roles for a provider; to an official of CMS its Security Officials, while it has any.

    Renders ``officials/users.html`` with ``provider``, ``remit``, ``found`` (a `Part`, each a `Holder`),
    ``officials`` (how many can act), ``own`` (number of the own account) and ``in_registry`` (whether the
    person sees the provider there).
    """
    provider, remit = _provider(ccn)
    found = service.users_of(
        provider.ccn, after=entry_asked("after"), officials_only=remit is Remit.OFFICIALS
    )
    officials = officials_of(db.session, [provider.ccn]).get(provider.ccn, [])
    return render_template(
        "officials/users.html",
        provider=provider,
        remit=remit,
        found=found,
        officials=len(officials),
        own=person().id,
        in_registry=sees(person(), provider.ccn),
    )


@blueprint.route("/providers/<ccn>/certification", methods=["GET", "POST"])
def certification(ccn: str) -> _Page:
    """Say of the roles that are due whether they are still needed.

    Renders ``officials/certification.html`` with ``provider``, ``found`` (a `Part`, each a `Holder`),
    ``form``, ``own``, ``sole`` (whether nobody else is in office) and ``period``; ``officials/outcomes.html``
    after a decision.
    """
    provider, remit = _provider(ccn)
    if request.method == "POST":
        return _certify(provider, remit)
    certified = outcomes.kept()
    return _certified_page(provider, certified) if certified else _certification_page(provider, remit)


@blueprint.route("/providers/<ccn>/users/<int:user_number>/<role_name>/revocation", methods=["GET", "POST"])
@requires_recent_proof
def revoke(ccn: str, user_number: int, role_name: str) -> _Page:
    """Take a role from somebody.

    Renders ``officials/revoke.html`` with ``provider``, ``holder``, ``held`` and ``form``.
    """
    provider, remit = _provider(ccn)
    role = _role(role_name)
    if not remit.covers(role):
        abort(404)
    form = RevocationForm()

    def act() -> None:
        service.revoke(
            person(), user_number, provider.ccn, role, form.reason.data or "", origin=request_origin()
        )

    return _change_one(
        "officials/revoke.html", _Subject(provider, *_holder(provider, user_number, role)), form, act
    )


@blueprint.route("/providers/<ccn>/users/<int:user_number>/<role_name>/change", methods=["GET", "POST"])
@requires_recent_proof
def change(ccn: str, user_number: int, role_name: str) -> _Page:
    """Give somebody another role instead of one.

    Renders ``officials/change.html`` with ``provider``, ``holder``, ``held`` and ``form``.
    """
    provider, remit = _provider(ccn)
    role = _role(role_name)
    others = service.other_roles(role)
    if remit.of_cms or not others:
        abort(404)
    form = ChangeForm(others)

    def act() -> None:
        service.change(
            person(),
            user_number,
            provider.ccn,
            role,
            new_role=Role(form.new_role.data),
            reason=form.reason.data or "",
            origin=request_origin(),
        )

    return _change_one(
        "officials/change.html", _Subject(provider, *_holder(provider, user_number, role)), form, act
    )


def _desk(desk: Desk) -> _Page:
    # Looking needs no key; deciding does.
    if request.method == "POST":
        return _decide(desk)
    decided = outcomes.kept()
    return _decided_page(desk, decided) if decided else _queue_page(desk, DecisionForm())


def _queue_page(desk: Desk, form: DecisionForm) -> _Page:
    asked_form = QueueFilterForm(desk, request.args)
    usable = asked_form.validate()
    page = render_template(
        "officials/queue.html",
        desk=desk,
        asked_form=asked_form,
        form=form,
        found=queue.waiting(person(), desk, asked_form.asked, entry_asked("after")) if usable else None,
        asked={field.name: field.data for field in asked_form if field.data not in {None, "", "0"}},
        categories=CATEGORY_LABELS,
        short=providers.short_of_officials(person()) if desk is Desk.PROVIDERS else 0,
    )
    return (page, 422) if form.errors or not usable else page


@requires_recent_proof
def _decide(desk: Desk) -> _Page:
    form = DecisionForm()
    if not form.validate_on_submit():
        return _queue_page(desk, form)
    numbers = set(form.requests.data or [])
    usable = {number for number in numbers if 0 < number <= LARGEST_NUMBER}
    found = queue.in_remit(person(), desk, usable)
    if {waiting.id for waiting in found} != numbers:
        abort(404)
    came_of = [_decide_one(waiting, form) for waiting in found]
    return redirect(outcomes.keep(came_of))


def _decided_page(desk: Desk, decided: list[CameOf]) -> str:
    found = queue.in_remit(person(), desk, {int(outcome.subject) for outcome in decided})
    named = {
        str(waiting.id): ", ".join(filter(None, (waiting.name, waiting.role, waiting.provider, waiting.ccn)))
        for waiting in found
    }
    return render_template(
        "officials/outcomes.html",
        heading="What came of the requests",
        outcomes=[(named.get(outcome.subject, _NO_LONGER_SEEN), outcome) for outcome in decided],
        back=url_for(request.endpoint or ""),
        back_label="Back to the requests that wait",
    )


def _decide_one(waiting: queue.WaitingRequest, form: DecisionForm) -> CameOf:
    subject = str(waiting.id)
    try:
        if form.approves:
            requests_service.approve(person(), waiting.id, origin=request_origin())
        else:
            requests_service.reject(person(), waiting.id, form.reason.data or "", origin=request_origin())
    except AccessError as error:
        return CameOf(subject, str(error), done=False)
    except LookupError:
        return CameOf(subject, _NOT_YOURS, done=False)
    verdict = "Approved" if form.approves else "Rejected"
    return CameOf(subject, f"{verdict}. The requester is told by e-mail.", done=True)


def _certification_page(provider: Provider, remit: Remit, form: CertificationForm | None = None) -> _Page:
    form = form or CertificationForm()
    found = service.users_of(
        provider.ccn, after=entry_asked("after"), due_only=True, officials_only=remit is Remit.OFFICIALS
    )
    page = render_template(
        "officials/certification.html",
        provider=provider,
        found=found,
        form=form,
        own=person().id,
        sole=len(officials_of(db.session, [provider.ccn]).get(provider.ccn, [])) == 1,
        period=certification_rules.period(),
    )
    return (page, 422) if form.errors else page


@requires_recent_proof
def _certify(provider: Provider, remit: Remit) -> _Page:
    form = CertificationForm()
    if not form.validate_on_submit():
        return _certification_page(provider, remit, form)
    came_of = [_certify_one(provider, number, role, form) for number, role in list(_picked(form))]
    return redirect(outcomes.keep(came_of))


def _certified_page(provider: Provider, certified: list[CameOf]) -> str:
    return render_template(
        "officials/outcomes.html",
        heading=f"What came of the roles for {provider.name}",
        outcomes=[(_role_and_holder(outcome), outcome) for outcome in certified],
        back=url_for("officials.certification", ccn=provider.ccn),
        back_label="Back to what is due",
    )


def _role_and_holder(outcome: CameOf) -> str:
    """Name a role that was chosen, with its holder; of who does not hold it nothing is said."""
    number, _, role_name = outcome.subject.partition(":")
    label = current_matrix().roles[Role(role_name)].label
    return f"{service.holder_name(int(number))}, {label}" if outcome.done else label


def _picked(form: CertificationForm) -> Iterable[tuple[int, Role]]:
    """Take apart what is ticked; for what no page offers there is no page."""
    for picked in dict.fromkeys(form.roles.data or []):
        number, _, role_name = picked.partition(":")
        if not number.isascii() or not number.isdigit() or len(number) > len(str(LARGEST_NUMBER)):
            abort(404)
        yield min(int(number), LARGEST_NUMBER), _role(role_name)


def _certify_one(provider: Provider, user_number: int, role: Role, form: CertificationForm) -> CameOf:
    subject = f"{user_number}:{role.value}"
    try:
        if form.keeps:
            service.certify(person(), user_number, provider.ccn, role, origin=request_origin())
            return CameOf(subject, f"Kept for another {certification_rules.period()}.", done=True)
        service.revoke(
            person(), user_number, provider.ccn, role, form.reason.data or "", origin=request_origin()
        )
    except AccessError as error:
        return CameOf(subject, str(error), done=False)
    except LookupError:
        return CameOf(subject, _NOT_YOURS, done=False)
    return CameOf(subject, "Revoked. The person is told by e-mail.", done=True)


def _change_one(
    template: str,
    subject: _Subject,
    form: RevocationForm | ChangeForm,
    act: Callable[[], None],
) -> _Page:
    """Show the form about one role of one person, and act upon it."""
    if form.validate_on_submit():
        try:
            act()
        except LookupError:
            abort(404)
        except AccessError as error:
            form.form_errors.append(str(error))
        else:
            flash(_told(subject, form), "success")
            return redirect(url_for("officials.users", ccn=subject.provider.ccn))
    page = render_template(template, form=form, **subject._asdict())
    return page, 422 if form.is_submitted() else 200


def _told(subject: _Subject, form: RevocationForm | ChangeForm) -> str:
    provider, holder, held = subject
    name, told = holder.account.name, holder.account.told
    if isinstance(form, ChangeForm):
        label = current_matrix().roles[Role(form.new_role.data)].label
        return f"{name} is {label} for {provider.name} now, no longer {held.label}. {told}"
    left = ""
    is_official = held.role is Role.PROVIDER_SECURITY_OFFICIAL
    if is_official and not officials_of(db.session, [provider.ccn]):
        left = " The provider has no Security Official now."
    return f"{name} is no longer {held.label} for {provider.name}.{left} {told}"


def _holder(provider: Provider, user_number: int, role: Role) -> tuple[Holder, HeldRole]:
    try:
        return service.holder_of(provider.ccn, min(user_number, LARGEST_NUMBER), role)
    except service.NotHeldError:
        abort(404)


def _provider(ccn: str) -> tuple[Provider, Remit]:
    """Find a provider, and what the person decides about there."""
    ccn = ccn.replace("\0", "")
    remit = remit_of(db.session, person(), ccn)
    provider = find_provider(ccn) if remit is not None else None
    if remit is None or provider is None:
        abort(404)
    return provider, remit


def _role(name: str) -> Role:
    try:
        role = Role(name)
    except ValueError:
        abort(404)
    if not current_matrix().roles[role].for_provider:
        abort(404)
    return role
