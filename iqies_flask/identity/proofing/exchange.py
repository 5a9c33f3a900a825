"""The exchange with a proofing service: calling the plugins, and keeping what they said from step to step."""

from dataclasses import asdict, dataclass
from typing import Any

from iqies_flask.config import Environment
from iqies_flask.current import current_settings
from iqies_flask.identity.models import Person
from iqies_flask.identity.persons import Profile
from iqies_flask.identity.proofing.models import ProofingCase
from iqies_flask.model import (
    Applicant,
    AskQuestions,
    Choice,
    NeedReference,
    ProofingAnswer,
    ProofingRequest,
    Question,
)
from iqies_flask.plugin_host import current_plugin_host

_HOOK = "prove_identity"


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking the plugins.

    Attributes:
        plugin: Which one it came from; empty where no plugin wanted the person.
        answer: What it answered; None where no plugin wanted the person, or the one that was asked failed.
    """

    plugin: str = ""
    answer: ProofingAnswer | None = None


@dataclass(frozen=True, slots=True)
class Exchange:
    """What is kept of an attempt between two steps.

    Attributes:
        step: How many times the plugin has been asked.
        state: What the plugin needs to know again.
        notice: What it says on top of the page.
        questions: What it asked; empty where a reference number is needed.
        instructions: How to get the reference number; empty where questions are open.
    """

    step: int
    state: dict[str, Any]
    notice: str = ""
    questions: tuple[Question, ...] = ()
    instructions: str = ""

    @classmethod
    def after(cls, answer: AskQuestions | NeedReference, step: int) -> "Exchange":
        """Keep an answer that asks for something.

        Args:
            answer: Of a plugin.
            step: How many times it has been asked.
        """
        if isinstance(answer, AskQuestions):
            return cls(step, answer.state, answer.notice, questions=answer.questions)
        return cls(step, answer.state, answer.notice, instructions=answer.instructions)

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> "Exchange":
        """Read what `to_json` wrote."""
        questions = tuple(
            Question(one["id"], one["text"], tuple(Choice(**choice) for choice in one["choices"]))
            for one in kept["questions"]
        )
        return cls(**{**kept, "questions": questions})

    def to_json(self) -> dict[str, Any]:
        """Write it as JSON can say it."""
        return asdict(self)


def ask_first(case: ProofingCase, person: Person, ssn: str) -> Reply:
    """Take the first step of an attempt, with the first plugin that wants the person.

    A plugin that fails is not passed over for the next: it may be the one that would have said no.

    Args:
        case: The attempt.
        person: Who is to be proved.
        ssn: The Social Security number.
    """
    request = _request(case, person, ssn=ssn)
    for call in current_plugin_host().calls(_HOOK):
        reply = call({"request": request})
        if reply.failure is not None or reply.value is not None:
            return Reply(call.plugin, reply.value)
    return Reply()


def ask_again(
    case: ProofingCase, person: Person, *, answers: dict[str, str] | None = None, reference: str = ""
) -> Reply:
    """Take a further step of an attempt, with the plugin that took the first.

    Args:
        case: The attempt, with its exchange.
        person: Who is to be proved.
        answers: Question id to choice id.
        reference: The reference number that the person entered.
    """
    assert case.exchange is not None
    state = Exchange.from_json(case.exchange).state
    request = _request(case, person, state=state, answers=answers or {}, reference=reference)
    for call in current_plugin_host().calls(_HOOK):
        if call.plugin == case.method:
            return Reply(call.plugin, call({"request": request}).value)
    return Reply(case.method)


def _request(case: ProofingCase, person: Person, **details: Any) -> ProofingRequest:
    settings = current_settings()
    return ProofingRequest(
        **{
            "applicant": _applicant(Profile.from_json(person.profile)),
            "ssn": None,
            "case_number": case.id,
            "attempt": case.attempt,
            "demonstration": settings.environment is Environment.DEMO,
            "options": settings.plugin_options,
            **details,
        }
    )


def _applicant(profile: Profile) -> Applicant:
    return Applicant(
        first_name=profile.first_name,
        middle_initial=profile.middle_initial,
        last_name=profile.last_name,
        birth_date=profile.birth_date,
        email=profile.email,
        phone=profile.phone,
        in_us=profile.in_us,
        street=profile.street,
        street2=profile.street2,
        city=profile.city,
        state=profile.state,
        zip=profile.zip,
        country=profile.country,
    )
