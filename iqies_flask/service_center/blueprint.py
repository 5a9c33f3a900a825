"""The Service Center's blueprint, and its doorkeeper."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from flask import Blueprint, abort

from iqies_flask.access.actions import Action
from iqies_flask.access.permission import may, refuse
from iqies_flask.identity.sessions.current import person

_Arguments = ParamSpec("_Arguments")
_Answer = TypeVar("_Answer")

blueprint = Blueprint("service_center", __name__, url_prefix="/service-center")


def only_for(action: Action) -> Callable[[Callable[_Arguments, _Answer]], Callable[_Arguments, _Answer]]:
    """Keep a page for those who may do something at the Service Center.

    Others read why not, but of a page that names something: for them that does not exist.

    Args:
        action: What it is.
    """

    def keep(view: Callable[_Arguments, _Answer]) -> Callable[_Arguments, _Answer]:
        @wraps(view)
        def guarded(*args: _Arguments.args, **kwargs: _Arguments.kwargs) -> _Answer:
            if not may(person(), action):
                if kwargs:
                    abort(404)
                refuse(person(), action)
            return view(*args, **kwargs)

        return guarded

    return keep
