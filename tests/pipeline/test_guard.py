"""One call of one plugin: what it may do wrong, and what is said of it."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from iqies_flask.model import MemoryContent, Record, Severity
from iqies_flask.pipeline.guard import GuardedCall, HookAnswer
from iqies_flask.pipeline.watchdog import Watchdog
from iqies_flask.plugin import Context, SpecRegistry

RECORD = Record(1, "a.xml", "TEST", {"SSN": "999-99-9999"}, MemoryContent(b""))
SECRET = "999-99-9999"


def call(function: Callable[..., object], *, watched: bool = True, hook: str = "validate") -> HookAnswer:
    watchdog = Watchdog("test") if watched else None
    return GuardedCall("vendor", hook, function, ("record",), watchdog, seconds=5)({"record": RECORD})


def fail(record: Record) -> None:
    raise ValueError(f"bad {record.items['SSN']}")


def leave(record: Record) -> None:
    raise SystemExit


@pytest.mark.parametrize("watched", [True, False])
def test_an_exception_becomes_a_warning_that_names_the_plugin(watched: bool) -> None:
    answer = call(fail, watched=watched)
    assert answer.value == []
    assert answer.failure is not None
    assert (answer.failure.edit_id, answer.failure.severity) == ("IF-411", Severity.WARNING)
    assert answer.failure.plugin == "vendor"
    assert "vendor" in answer.failure.message
    assert "validate" in answer.failure.message


def test_the_log_names_the_place_and_nothing_of_the_record(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = call(fail)
    assert "ValueError at test_guard.py" in caplog.text
    assert SECRET not in caplog.text
    assert answer.failure is not None
    assert SECRET not in str(answer.failure)


def test_a_plugin_cannot_end_the_process() -> None:
    assert call(leave).failure is not None


@pytest.mark.parametrize("watched", [True, False])
def test_rubbish_becomes_a_warning(watched: bool) -> None:
    answer = call(lambda record: 42, watched=watched)
    assert answer.failure is not None
    assert answer.failure.edit_id == "IF-412"


def test_what_interrupts_the_worker_is_no_fault_of_a_built_in_plugin() -> None:
    def interrupted(record: Record) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        call(interrupted, watched=False)


@pytest.mark.parametrize(("hook", "nothing"), [("validate", []), ("route", None), ("deliver", None)])
def test_a_failed_call_gives_nothing(hook: str, nothing: object) -> None:
    assert call(fail, hook=hook).value == nothing


def test_a_slow_plugin_is_switched_off_and_said_to_be() -> None:
    end = threading.Event()
    guarded = GuardedCall("vendor", "validate", lambda record: end.wait(), ("record",), Watchdog("t"), 0.01)
    first, second = guarded({"record": RECORD}), guarded({"record": RECORD})
    end.set()
    assert first.failure is not None
    assert second.failure is not None
    assert (first.failure.edit_id, second.failure.edit_id) == ("IF-413", "IF-414")
    assert "0.01 seconds" in first.failure.message


def test_a_plugin_that_is_not_built_in_gets_a_copy() -> None:
    def spoil(record: Record) -> None:
        record.items["SSN"] = "spoiled"
        record.items["MORE"] = "x"
        record.findings.append(None)  # type: ignore[arg-type]
        record.readable = False

    before = replace(RECORD, items=dict(RECORD.items), findings=[])
    assert call(spoil).failure is None
    assert before == RECORD


def test_a_plugin_that_is_not_built_in_cannot_change_the_options_of_others() -> None:
    def spoil(context: Context) -> None:
        context.options["other"]["ccns"].append("spoiled")

    context = Context(SpecRegistry(), datetime(2026, 4, 1, tzinfo=UTC), date(2026, 4, 1))
    context.options["other"] = {"ccns": ["345623"]}
    guarded = GuardedCall("vendor", "validate", spoil, ("context",), Watchdog("t"), 5)
    assert guarded({"context": context}).failure is None
    assert context.option("other", "ccns") == ["345623"]


def test_only_the_arguments_that_it_takes_are_passed() -> None:
    guarded = GuardedCall("vendor", "route", lambda: None, (), None, 5)
    assert guarded({"record": RECORD}) == HookAnswer(None)
