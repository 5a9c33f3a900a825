import threading

import pytest

from iqies_flask.pipeline.circuit_breaker import MOST_ABANDONED, PAUSE_SECONDS, CircuitBreaker
from iqies_flask.pipeline.watchdog import ExitRequestedError, SwitchedOffError, TooSlowError


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_gives_back_what_the_function_gives_and_raises_what_it_raises() -> None:
    breaker = CircuitBreaker("test")
    assert breaker.call(lambda: 42, seconds=5) == 42
    with pytest.raises(ZeroDivisionError):
        breaker.call(lambda: 1 / 0, seconds=5)

    def leave() -> None:
        raise SystemExit

    with pytest.raises(ExitRequestedError):
        breaker.call(leave, seconds=5)
    assert breaker.call(lambda: 42, seconds=5) == 42


def test_after_a_slow_call_there_is_a_pause_and_then_calls_again() -> None:
    clock, end = Clock(), threading.Event()
    breaker = CircuitBreaker("test", clock=clock)
    with pytest.raises(TooSlowError):
        breaker.call(end.wait, seconds=0.01)
    clock.now += PAUSE_SECONDS - 1
    with pytest.raises(SwitchedOffError):
        breaker.call(lambda: 42, seconds=5)
    clock.now += 1
    assert breaker.call(lambda: 42, seconds=5) == 42
    end.set()


def test_calls_run_at_the_same_time() -> None:
    breaker, met = CircuitBreaker("test", at_once=3), threading.Barrier(3, timeout=5)
    callers = [threading.Thread(target=breaker.call, args=(met.wait, 5)) for _ in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not met.broken


def test_one_more_than_are_allowed_at_once_does_not_wait_for_long() -> None:
    breaker = CircuitBreaker("test", at_once=1, wait_seconds=0.01)
    begun, end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        end.wait(5)

    caller = threading.Thread(target=breaker.call, args=(work, 5))
    caller.start()
    begun.wait(5)
    with pytest.raises(SwitchedOffError):
        breaker.call(lambda: 42, seconds=5)
    end.set()
    caller.join()
    assert breaker.call(lambda: 42, seconds=5) == 42


def test_calls_that_never_end_do_not_pile_up() -> None:
    clock, end = Clock(), threading.Event()
    breaker = CircuitBreaker("abandoned", clock=clock)
    for _ in range(MOST_ABANDONED):
        with pytest.raises(TooSlowError):
            breaker.call(end.wait, seconds=0.001)
        clock.now += PAUSE_SECONDS
    left = [thread for thread in threading.enumerate() if thread.name == "abandoned"]
    with pytest.raises(SwitchedOffError):
        breaker.call(lambda: 42, seconds=5)
    end.set()
    for thread in left:
        thread.join(5)
    assert breaker.call(lambda: 42, seconds=5) == 42
