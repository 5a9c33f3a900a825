from inspect import iscoroutinefunction

from flask import Flask


def test_the_end_of_a_request_starts_no_event_loop(app: Flask) -> None:
    assert app.teardown_appcontext_funcs
    assert not any(map(iscoroutinefunction, app.teardown_appcontext_funcs))
