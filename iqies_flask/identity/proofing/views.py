"""The pages of proofing, for the person who is to be proved."""

from collections.abc import Callable
from dataclasses import replace

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response

from iqies_flask.database import utc_now
from iqies_flask.forms import PlainForm
from iqies_flask.identity.models import User
from iqies_flask.identity.person_fields import PersonFields, filled_in, filled_in_birth
from iqies_flask.identity.persons import profile_of
from iqies_flask.identity.proofing import particulars, service
from iqies_flask.identity.proofing.forms import BeginWithSsnForm, ReferenceForm, questions_form
from iqies_flask.identity.proofing.models import CaseState
from iqies_flask.identity.proofing.service import ProofingError, Standing
from iqies_flask.identity.registration import current
from iqies_flask.identity.sessions.current import current_login, person, request_origin

blueprint = Blueprint("proofing", __name__, url_prefix="/identity-proofing")

_Answer = str | Response | tuple[str, int]


@blueprint.get("")
def show() -> _Answer:
    """Show how far the person's proofing is, and what there is to do.

    Renders ``proofing/show.html`` with ``standing``, and ``form`` where something is to be entered.
    """
    user = _person()
    standing = service.state_of(user)
    return _page(standing, _form(standing))


@blueprint.post("/answers")
def answer() -> _Answer:
    """Take the answers to the questions."""
    user = _person()
    standing = service.state_of(user)
    form = questions_form(standing.questions, standing.case_number, standing.step)
    if form.place != (standing.case_number, standing.step) or standing.state is not CaseState.ASKING:
        # Of another step: what is wrong with its fields is of no interest any more.
        return _done(lambda: service.answer(user, *form.place, {}, origin=request_origin()))
    if not form.validate():
        return _page(standing, form), 422
    return _done(lambda: service.answer(user, *form.place, form.answers, origin=request_origin()))


@blueprint.post("/reference")
def give_reference() -> _Answer:
    """Take the reference number."""
    user = _person()
    form = ReferenceForm()
    standing = service.state_of(user)
    if standing.state is CaseState.REFERENCE_NEEDED and not form.validate():
        return _page(standing, form), 422
    return _done(
        lambda: service.give_reference(user, *form.place, form.reference.data or "", origin=request_origin())
    )


@blueprint.post("/begin")
def begin() -> _Answer:
    """Begin with the proofing service, or try once more."""
    user = _person()
    standing = service.state_of(user)
    form = _begin_form(standing)
    if not form.validate():
        return _page(standing, form), 422
    ssn = form.ssn.data if isinstance(form, BeginWithSsnForm) else None
    try:
        service.begin(user, ssn=ssn, origin=request_origin())
    except ProofingError as error:
        standing = service.state_of(user)
        form.form_errors.append(str(error))
        return _page(standing, form), 422
    return redirect(url_for("proofing.show"))


@blueprint.post("/officer")
def ask_for_officer() -> _Answer:
    """Leave the decision to an officer."""
    user = _person()
    return _done(lambda: service.ask_for_officer(user, origin=request_origin()))


@blueprint.route("/particulars", methods=["GET", "POST"])
def correct() -> _Answer:
    """Let the person put right what was entered when registering.

    Renders ``proofing/particulars.html`` with ``form`` (a `PersonFields`) and ``registering``.
    """
    user = _person()
    profile = profile_of(user)
    if profile is None or not service.state_of(user).may_correct:
        flash("This cannot be corrected now. Below is how far your proofing is, and what you can do.", "warn")
        return redirect(url_for("proofing.show"))
    form = PersonFields(
        today=utc_now().date(), data={**filled_in(profile), **filled_in_birth(profile.birth_date)}
    )
    only_fields = "show_address" in request.form
    if only_fields or not form.validate_on_submit():
        page = render_template("proofing/particulars.html", form=form, registering=current_login() is None)
        return page, 422 if form.is_submitted() and not only_fields else 200
    corrected = replace(profile, **form.names(), birth_date=form.born, **form.home())

    def keep() -> None:
        if particulars.correct(user, corrected, request_origin()):
            flash("What you entered is corrected.", "success")
        else:
            flash("Nothing was different, so nothing is changed.")

    return _done(keep)


def _person() -> User:
    """Who is to be proved: who is signed in, or who is registering in this browser."""
    user = person() if current_login() else current.current_registration()
    if user is None:
        # The gate lets nobody else in.
        abort(404)
    current.touch()
    return user


def _done(step: Callable[[], None]) -> Response:
    """Take a step, and show what came of it."""
    try:
        step()
    except ProofingError as error:
        flash(str(error), "warn")
    return redirect(url_for("proofing.show"))


def _form(standing: Standing) -> FlaskForm:
    match standing.state:
        case CaseState.ASKING:
            return questions_form(standing.questions, standing.case_number, standing.step)
        case CaseState.REFERENCE_NEEDED:
            return ReferenceForm(case_number=standing.case_number, step=standing.step)
        case _:
            return _begin_form(standing)


def _begin_form(standing: Standing) -> PlainForm | BeginWithSsnForm:
    return BeginWithSsnForm() if standing.needs_ssn else PlainForm()


def _page(standing: Standing, form: FlaskForm) -> str:
    return render_template(
        "proofing/show.html",
        standing=standing,
        form=form,
        registering=current_login() is None,
    )
