"""One implementation of one hook, called so that whatever it does stays its own.

It may raise, answer with something else than was asked for, or never come back: the caller gets an answer
that it can use, and a finding that names the plugin.
"""

import copy
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from iqies_flask.model import Finding, Message, ProofingRequest, Record
from iqies_flask.pipeline.answers import Checked, check_answer
from iqies_flask.pipeline.circuit_breaker import CircuitBreaker
from iqies_flask.pipeline.messages import (
    PLUGIN_RAISED,
    PLUGIN_RUBBISH,
    PLUGIN_SWITCHED_OFF,
    PLUGIN_TOO_SLOW,
)
from iqies_flask.pipeline.watchdog import SwitchedOffError, TooSlowError, Watchdog
from iqies_flask.plugin import Context

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HookAnswer:
    """What came of a call.

    Attributes:
        value: The usable part of the answer: a list, or one thing or None, as the hook asks for.
        failure: Names the plugin where it failed.
    """

    value: Any
    failure: Finding | None = None


@dataclass(frozen=True, slots=True)
class GuardedCall:
    """An implementation of a hook.

    Attributes:
        plugin: The plugin's name.
        hook: The hook's name.
        function: The implementation.
        argument_names: Those of the hook's arguments that it takes, in its order.
        timekeeper: Guards the time of a plugin that is not built in; None for a built-in one, which is
            trusted with the records themselves and runs without the cost of another thread.
        seconds: How long a call under the timekeeper may take.
        debug: Whether to log the whole error where it fails, which may tell of a person.
    """

    plugin: str
    hook: str
    function: Callable[..., object]
    argument_names: tuple[str, ...]
    timekeeper: Watchdog | CircuitBreaker | None
    seconds: float
    debug: bool = False

    def __call__(self, arguments: Mapping[str, Any]) -> HookAnswer:
        """Call the implementation.

        Args:
            arguments: All arguments of the hook.

        Returns:
            The answer; never raises for what the plugin does.
        """
        try:
            checked = self._checked(arguments)
        except SwitchedOffError:
            return self._failed(PLUGIN_SWITCHED_OFF)
        except TooSlowError as error:
            logger.error("Plugin %s: over %s s in %s; %s.", self.plugin, self.seconds, self.hook, error)
            return self._failed(PLUGIN_TOO_SLOW, seconds=f"{self.seconds:g}")
        except Exception as error:
            shown = error if self.debug else None
            logger.error(
                "Plugin %s failed in %s: %s.", self.plugin, self.hook, whereabouts(error), exc_info=shown
            )
            return self._failed(PLUGIN_RAISED)
        if checked.fault:
            logger.error("Plugin %s in %s: %s.", self.plugin, self.hook, checked.fault)
            failure = self._finding(PLUGIN_RUBBISH, fault=checked.fault)
            return HookAnswer(checked.value, failure)
        return HookAnswer(checked.value)

    def _checked(self, arguments: Mapping[str, Any]) -> Checked:
        if self.timekeeper is None:
            values = [arguments[name] for name in self.argument_names]
            return check_answer(self.hook, self.function(*values))
        own = [_own_copy(arguments[name]) for name in self.argument_names]
        return self.timekeeper.call(lambda: check_answer(self.hook, self.function(*own)), self.seconds)

    def _failed(self, message: Message, **details: object) -> HookAnswer:
        return HookAnswer(check_answer(self.hook, None).value, self._finding(message, **details))

    def _finding(self, message: Message, **details: object) -> Finding:
        return replace(message.finding(plugin=self.plugin, hook=self.hook, **details), plugin=self.plugin)


def whereabouts(error: BaseException) -> str:
    """Describe an error for the log: its type and place.

    Neither its text nor its traceback's values, which may hold facts about a person.
    """
    if isinstance(error, SyntaxError) and error.filename and error.filename.endswith(".py"):
        # Its traceback ends where Python reads modules, not in the module.
        return f"{type(error).__name__} at {Path(error.filename).name}:{error.lineno}"
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def _own_copy(argument: Any) -> Any:
    """Give a plugin that is not built in an object that it may spoil without harm to others."""
    if isinstance(argument, Record):
        return replace(argument, items=dict(argument.items), findings=list(argument.findings))
    if isinstance(argument, Context):
        return replace(argument, options=copy.deepcopy(argument.options))
    if isinstance(argument, ProofingRequest):
        return copy.deepcopy(argument)
    if isinstance(argument, Sequence) and not isinstance(argument, str):
        return [_own_copy(one) for one in argument]
    return argument
