import threading

import pytest

from iqies_flask.pipeline.watchdog import ExitRequestedError, SwitchedOffError, TooSlowError, Watchdog


def test_it_gives_back_what_the_function_gives() -> None:
    assert Watchdog("test").call(lambda: 42, seconds=5) == 42


def test_it_raises_what_the_function_raises() -> None:
    def fail() -> None:
        raise KeyError("a")

    watchdog = Watchdog("test")
    with pytest.raises(KeyError):
        watchdog.call(fail, seconds=5)
    assert watchdog.call(lambda: 42, seconds=5) == 42


@pytest.mark.parametrize("request_", [SystemExit, KeyboardInterrupt])
def test_what_would_end_the_process_is_turned_into_an_ordinary_error(request_: type[BaseException]) -> None:
    def leave() -> None:
        raise request_

    with pytest.raises(ExitRequestedError, match=request_.__name__):
        Watchdog("test").call(leave, seconds=5)


def test_a_call_that_never_ends_is_left_and_none_follows() -> None:
    watchdog, end = Watchdog("test"), threading.Event()
    with pytest.raises(TooSlowError):
        watchdog.call(end.wait, seconds=0.01)
    assert watchdog.switched_off
    with pytest.raises(SwitchedOffError):
        watchdog.call(lambda: 42, seconds=5)
    end.set()


def test_calls_run_in_one_thread_that_is_not_the_callers() -> None:
    watchdog = Watchdog("test")
    threads = {watchdog.call(threading.get_ident, seconds=5) for _ in range(3)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_calls_of_several_threads_run_one_at_a_time() -> None:
    watchdog, busy, met = Watchdog("test"), threading.Lock(), []

    def work() -> None:
        met.append(busy.acquire(blocking=False))
        busy.release()

    callers = [threading.Thread(target=watchdog.call, args=(work, 5)) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert met == [True] * 8
