"""What the answer of each hook must look like before the chain relies on it.

Dataclasses do not check the types of their fields, and plugins come from anywhere: a finding whose severity
is a text, or whose items are None, would only be noticed when the report is written.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from iqies_flask.model import (
    AskQuestions,
    Change,
    Choice,
    EditType,
    Failed,
    Finding,
    ItemValue,
    LeaveToOfficer,
    NeedReference,
    Proved,
    Question,
    Receipt,
    RecordSummary,
    Route,
    Severity,
)
from iqies_flask.plugin import Identification, Pack

MOST_ANSWERS = 10_000
"""Findings, changes or receipts taken of one call."""

MOST_QUESTIONS = 20
"""Questions on a page, and choices of a question."""

_MOST_STATE_CHARACTERS = 100_000


@dataclass(slots=True)
class Checked:
    """An answer, and what is wrong with it.

    Attributes:
        value: The part of the answer that can be used.
        fault: What is wrong with the rest, in words; empty where all of it can be used.
    """

    value: Any
    fault: str = ""


def check_answer(hook: str, answer: object) -> Checked:
    """Check what an implementation answered.

    Args:
        hook: Name of the hook.
        answer: What it gave back; a generator is run to its end here.

    Returns:
        A list for the hooks that ask for several things, otherwise the thing or None.
    """
    return _CHECKS[hook](answer)


def _are_texts(thing: object, names: Iterable[str]) -> bool:
    return all(isinstance(getattr(thing, name), str) for name in names)


def _is_item_value(thing: object) -> bool:
    return (
        isinstance(thing, ItemValue)
        and _are_texts(thing, ("item", "label"))
        and (thing.value is None or isinstance(thing.value, str))
    )


def _is_finding(thing: object) -> bool:
    return (
        isinstance(thing, Finding)
        and _are_texts(thing, ("edit_id", "system", "message", "remedy", "plugin"))
        and isinstance(thing.severity, Severity)
        and isinstance(thing.edit_type, EditType)
        and isinstance(thing.items, tuple)
        and all(map(_is_item_value, thing.items))
    )


def _is_change(thing: object) -> bool:
    return isinstance(thing, Change) and _are_texts(thing, ("item", "before", "after", "reason", "plugin"))


def _is_scrubbed(thing: object) -> bool:
    return _is_change(thing) or _is_finding(thing)


def _is_route(thing: object) -> bool:
    return isinstance(thing, Route) and _are_texts(thing, ("destination", "description"))


def _is_receipt(thing: object) -> bool:
    return (
        isinstance(thing, Receipt)
        and isinstance(thing.record_number, int)
        and _are_texts(thing, ("reference", "message"))
        and isinstance(thing.delivered_at, datetime)
        and isinstance(thing.details, dict)
    )


_SUMMARY_TEXTS = tuple(one.name for one in fields(RecordSummary) if one.name != "target_date")


def _is_identification(thing: object) -> bool:
    return (
        isinstance(thing, Identification)
        and isinstance(thing.system, str)
        and bool(thing.system)
        and (thing.pack is None or isinstance(thing.pack, Pack))
        and isinstance(thing.summary, RecordSummary)
        and _are_texts(thing.summary, _SUMMARY_TEXTS)
        and isinstance(thing.findings, tuple)
        and all(map(_is_finding, thing.findings))
    )


def _is_path(thing: object) -> bool:
    return isinstance(thing, Path)


def _is_named(thing: object) -> bool:
    return _are_texts(thing, ("id", "text")) and bool(thing.id and thing.text)  # type: ignore[attr-defined]


def _are_distinct(things: object, kind: type, least: int) -> bool:
    return (
        isinstance(things, tuple)
        and least <= len(things) <= MOST_QUESTIONS
        and all(isinstance(thing, kind) and _is_named(thing) for thing in things)
        and len({thing.id for thing in things}) == len(things)
    )


def _is_state(thing: object) -> bool:
    try:
        return isinstance(thing, dict) and len(json.dumps(thing, allow_nan=False)) <= _MOST_STATE_CHARACTERS
    except (TypeError, ValueError, RecursionError):
        return False


def _is_proofing_answer(thing: object) -> bool:
    match thing:
        case AskQuestions():
            return (
                _are_distinct(thing.questions, Question, 1)
                and all(_are_distinct(question.choices, Choice, 2) for question in thing.questions)
                and _is_state(thing.state)
                and isinstance(thing.notice, str)
            )
        case NeedReference():
            return (
                _are_texts(thing, ("instructions", "notice"))
                and bool(thing.instructions)
                and _is_state(thing.state)
            )
        case Proved():
            return isinstance(thing.reference, str)
        case Failed():
            return isinstance(thing.message, str) and isinstance(thing.may_retry, bool)
        case LeaveToOfficer():
            return isinstance(thing.message, str)
    return False


@dataclass(frozen=True, slots=True)
class _Several:
    """Checks the answer of a hook that asks for any number of things. None stands for no thing."""

    is_right: Callable[[object], bool]
    wanted: str

    def __call__(self, answer: object) -> Checked:
        if answer is None:
            return Checked([])
        if not isinstance(answer, Iterable) or isinstance(answer, str | bytes):
            return Checked([], f"{self.wanted} were asked for, not {_kind(answer)}")
        things = list(islice(answer, MOST_ANSWERS + 1))
        right = [thing for thing in things[:MOST_ANSWERS] if self.is_right(thing)]
        if len(things) > MOST_ANSWERS:
            return Checked(right, f"more than {MOST_ANSWERS:,} {self.wanted}")
        if len(right) < len(things):
            wrong = next(thing for thing in things if not self.is_right(thing))
            return Checked(
                right, f"{self.wanted} were asked for, and {_kind(wrong)} among them cannot be used"
            )
        return Checked(right)


@dataclass(frozen=True, slots=True)
class _One:
    """Checks the answer of a hook that asks for one thing or None."""

    is_right: Callable[[object], bool]
    wanted: str

    def __call__(self, answer: object) -> Checked:
        if answer is None or self.is_right(answer):
            return Checked(answer)
        return Checked(None, f"{self.wanted} was asked for, and {_kind(answer)} cannot be used")


def _receipts(answer: object) -> Checked:
    """None says that the route is another plugin's; an empty answer does not."""
    return Checked(None) if answer is None else _Several(_is_receipt, "receipts")(answer)


def _kind(thing: object) -> str:
    """Name the type of a thing. Never the thing itself: it may hold facts about a person."""
    return f"an object of type {type(thing).__name__}"


_CHECKS: dict[str, Callable[[object], Checked]] = {
    "register_specs": _Several(_is_path, "paths"),
    "identify": _One(_is_identification, "an identification"),
    "validate": _Several(_is_finding, "findings"),
    "scrub": _Several(_is_scrubbed, "changes and findings"),
    "route": _One(_is_route, "a route"),
    "deliver": _receipts,
    "prove_identity": _One(_is_proofing_answer, "an answer on a person's proofing"),
}
