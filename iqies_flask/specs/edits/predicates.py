"""What edits may ask that no record answers by itself: the registry of named predicates.

An edit writes ``M0010_CCN is known as provider-ccn``. Whoever runs it supplies functions that answer. One
that is not supplied, or that cannot tell, says nothing: in a condition it does not hold, in a requirement it
does.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Predicate:
    """One question.

    Attributes:
        name: As edits write it.
        asks: What must be known to answer, for lists and reasons.
        phrase: What the items are where it holds, to stand behind "must".
        remedy: What to do where it was required and does not hold.
    """

    name: str
    asks: str
    phrase: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the application says.

    Attributes:
        holds: Whether it is so.
        known: What it knows about that, as half a sentence; only needed where it is not so.
    """

    holds: bool
    known: str = ""


Ask = Callable[[Sequence[str]], Answer | None]
"""Takes the submitted values of the items, inactive ones left out; None where the application cannot tell."""

Supplied = Mapping[str, Ask]
"""The predicates that somebody can answer, by their names."""

NOTHING_SUPPLIED: Supplied = MappingProxyType({})
"""Offline, only what stands in the record is known."""

_REGISTRY_REMEDY = (
    "Correct the item. If it is right, ask the operator of this site to correct the registry of providers."
)
_BRANCH_REMEDY = (
    "Correct M0016_BRANCH_ID. If it is right, ask the operator of this site to correct the agency's branches."
)

PREDICATES: Mapping[str, Predicate] = {
    predicate.name: predicate
    for predicate in (
        Predicate(
            "submission-id",
            "the provider's submission ID",
            "be the provider's submission ID",
            _REGISTRY_REMEDY,
        ),
        Predicate(
            "submitters-provider",
            "for whom a user may submit",
            "be that of a provider for which the submitter may submit",
            "Check the provider's identifiers in the record. If they are right, ask for permission to upload "
            "for it.",
        ),
        Predicate("provider-ccn", "the provider's CCN", "be the provider's CCN", _REGISTRY_REMEDY),
        Predicate(
            "state-provider-number",
            "the provider's number at the state",
            "be the provider's number at the state",
            _REGISTRY_REMEDY,
        ),
        Predicate(
            "state-pdpm-setting",
            "whether the state uses PDPM for OBRA assessments",
            "be what the state has set for the target date",
            "Send what the state of the facility has set.",
        ),
        Predicate(
            "agency-without-branches",
            "whether the agency has branches",
            "be that of an agency without branches",
            _BRANCH_REMEDY,
        ),
        Predicate(
            "agency-with-branches",
            "whether the agency has branches",
            "be that of an agency with branches",
            _BRANCH_REMEDY,
        ),
        Predicate(
            "branch-of-agency",
            "the agency's present and past branches",
            "be a present or past branch of the agency",
            _BRANCH_REMEDY,
        ),
        Predicate(
            "stored-record",
            "the record to be corrected",
            "be those of a stored record that has not been inactivated",
            "Repeat these items as they were in the latest version of the record to be corrected. If that "
            "was never accepted, send a new record.",
        ),
        Predicate(
            "next-correction-number",
            "how often a record has been corrected before",
            "be the next correction number of the record",
            "Count the accepted corrections of this record, and send the next number.",
        ),
    )
}
"""All of them, by their names."""


def consult(supplied: Supplied, name: str, submitted: Iterable[str | None]) -> Answer | None:
    """Ask a predicate.

    Args:
        supplied: Who answers.
        name: Which.
        submitted: The values of its items; None for one that is inactive.

    Returns:
        None where nobody answers, or where no item is active.
    """
    ask = supplied.get(name)
    values = [value for value in submitted if value is not None]
    return ask(values) if ask is not None and values else None
