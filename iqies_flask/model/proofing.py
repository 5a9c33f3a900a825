"""Proving who a person is: what a proofing service is asked, and what it may answer."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Applicant:
    """The person to be proved, as he or she entered it.

    Attributes:
        first_name: Legal first name.
        middle_initial: Empty for none.
        last_name: Legal last name.
        birth_date: Date of birth.
        email: The confirmed address.
        phone: In E.164, such as ``+12025550123``.
        in_us: Whether the home address is one in the United States.
        street: First line of the home address.
        street2: Second line; empty for none.
        city: City.
        state: Two-letter state code; empty outside the United States.
        zip: ZIP code, with or without extension; outside the United States a postal code, or empty.
        country: ``US``, or the country's name.
    """

    first_name: str = field(repr=False)
    middle_initial: str = field(repr=False)
    last_name: str = field(repr=False)
    birth_date: date = field(repr=False)
    email: str = field(repr=False)
    phone: str = field(repr=False)
    in_us: bool = field(repr=False)
    street: str = field(repr=False)
    street2: str = field(repr=False)
    city: str = field(repr=False)
    state: str = field(repr=False)
    zip: str = field(repr=False)
    country: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProofingRequest:
    """One step of proving a person.

    Attributes:
        applicant: The person.
        ssn: The Social Security number, nine digits; given in the first step of an attempt only, and None in
            the others.
        case_number: Names the attempt for ever: a service that is asked twice can tell.
        attempt: Which try of this person it is, from 1.
        state: What the plugin gave with its last answer; None in the first step of an attempt.
        answers: Question id to the id of the choice taken, for every question that was asked.
        reference: The reference number that the person got by telephone; empty where none was needed.
        demonstration: Whether the installation is one for trying out, and not one that proves in earnest.
        options: The operator's settings for plugins: plugin name to option to value.
    """

    applicant: Applicant
    ssn: str | None = field(repr=False)
    case_number: int
    attempt: int
    state: dict[str, Any] | None = field(default=None, repr=False)
    answers: dict[str, str] = field(default_factory=dict, repr=False)
    reference: str = field(default="", repr=False)
    demonstration: bool = False
    options: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)

    def option(self, plugin: str, name: str, default: Any = None) -> Any:
        """Look up one setting of a plugin.

        Args:
            plugin: The plugin's name.
            name: The option's name.
            default: Given back where the operator set nothing.
        """
        return self.options.get(plugin, {}).get(name, default)


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a question offers.

    Attributes:
        id: Names it among the choices of its question. The browser sees it: it must not tell which is right.
        text: What the person reads.
    """

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question with choices, of which the person takes one.

    Attributes:
        id: Names it among the questions.
        text: What the person reads.
        choices: Two or more.
    """

    id: str
    text: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, slots=True)
class AskQuestions:
    """The person has to answer questions, all of them on one page.

    Attributes:
        questions: One or more.
        state: What the plugin needs to know again, as JSON can say it. It is kept encrypted, and the browser
            never sees it.
        notice: Said on top of the page; empty for nothing.
    """

    questions: tuple[Question, ...]
    state: dict[str, Any] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True, slots=True)
class NeedReference:
    """The person has to call the proofing service, and to enter the reference number that it gives.

    Attributes:
        instructions: Whom to call, and what to say there.
        state: As for `AskQuestions`.
        notice: Said on top of the page; empty for nothing.
    """

    instructions: str
    state: dict[str, Any] = field(default_factory=dict)
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Proved:
    """The person is who he or she says.

    Attributes:
        reference: The proofing service's own number for this; kept with the attempt.
    """

    reference: str = ""


@dataclass(frozen=True, slots=True)
class Failed:
    """It could not be proved that the person is who he or she says.

    Attributes:
        message: What the person reads. Not which answer was wrong.
        may_retry: Whether trying again makes sense.
    """

    message: str
    may_retry: bool = True


@dataclass(frozen=True, slots=True)
class LeaveToOfficer:
    """Only a person at the Service Center can decide.

    Attributes:
        message: Why, as the person reads it.
    """

    message: str


ProofingAnswer = AskQuestions | NeedReference | Proved | Failed | LeaveToOfficer
"""What a proofing service may answer."""
