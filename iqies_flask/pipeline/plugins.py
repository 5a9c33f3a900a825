"""The plugin host: which plugins there are, and their hooks ready to be called.

Built-in plugins come first, then those of installed packages, then those of the operator's folders. A plugin
that cannot be used is named, in the log and in `PluginHost.names`, and left out.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pluggy

from iqies_flask.pipeline import hookspecs
from iqies_flask.pipeline.circuit_breaker import CircuitBreaker
from iqies_flask.pipeline.guard import GuardedCall, whereabouts
from iqies_flask.pipeline.plugin_loading import Candidate, in_entry_points, in_folder
from iqies_flask.pipeline.watchdog import TooSlowError, Watchdog
from iqies_flask.plugin import SpecRegistry
from iqies_flask.resources import plugins_folder
from iqies_flask.specs.packs_folder import installed_folders

logger = logging.getLogger(__name__)

LOADING_SECONDS = 30.0
"""How long the import of a plugin that is not built in may take."""

DELIVERY_SECONDS = 120.0
"""How long such a plugin may take to deliver records: networks are slower than rules."""

PROOFING_SECONDS = 30.0
"""How long it may take for one step of proving who a person is, while the person waits for the page."""

FIRST_RESULT_HOOKS = frozenset({"identify", "route", "deliver", "prove_identity"})

_SECONDS = {"deliver": DELIVERY_SECONDS, "prove_identity": PROOFING_SECONDS}

_WHILE_A_PERSON_WAITS = frozenset({"prove_identity"})


class UnusablePluginError(Exception):
    """A plugin cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class PluginInfo:
    """A plugin, in use or not.

    Attributes:
        name: Its name.
        origin: ``built-in``, ``package NAME``, or the path of the operator's folder.
        hooks: The hooks that it implements, in the order of the chain.
        problem: Why it, or a part of it, is not in use; empty where all is well.
    """

    name: str
    origin: str
    hooks: tuple[str, ...] = ()
    problem: str = ""


@dataclass(slots=True)
class _Loaded:
    """A plugin that is registered."""

    candidate: Candidate
    hooks: tuple[str, ...]
    watchdog: Watchdog | None
    circuit_breaker: CircuitBreaker | None
    problem: str = ""

    def info(self) -> PluginInfo:
        problem = self.problem
        if self.watchdog is not None and self.watchdog.switched_off:
            problem = "switched off, because a call took too long"
        return PluginInfo(self.candidate.name, self.candidate.origin, self.hooks, problem)

    def timekeeper(self, hook: str) -> Watchdog | CircuitBreaker | None:
        return self.circuit_breaker if hook in _WHILE_A_PERSON_WAITS else self.watchdog


class PluginHost:
    """The plugins of one process."""

    def __init__(
        self,
        candidates: Iterable[Candidate],
        seconds: float,
        packs_folder: Path | None = None,
        debug: bool = False,
    ) -> None:
        """Load plugins.

        Args:
            candidates: In the order of their registration.
            seconds: How long one call of a plugin that is not built in may take.
            packs_folder: The operator's folder of specification packs; None for none.
            debug: Whether to log the whole error where a plugin fails, which may tell of a person.
        """
        self._seconds = seconds
        self._debug = debug
        self._manager = pluggy.PluginManager("iqies")
        self._manager.add_hookspecs(hookspecs)
        self._loaded: dict[str, _Loaded] = {}
        self._unusable: list[PluginInfo] = []
        for candidate in candidates:
            self._add(candidate)
        self._specs = self._load_specs(installed_folders(packs_folder))

    @classmethod
    def load(
        cls,
        folders: Sequence[Path] = (),
        entry_points: bool = True,
        seconds: float = 5.0,
        packs_folder: Path | None = None,
        debug: bool = False,
    ) -> Self:
        """Load the built-in plugins and those of others.

        Args:
            folders: The operator's folders.
            entry_points: Whether to load plugins of installed packages.
            seconds: How long one call of a plugin that is not built in may take.
            packs_folder: The operator's folder of specification packs; None for none.
            debug: Whether to log the whole error where a plugin fails, which may tell of a person.
        """
        return cls(_candidates(folders, entry_points), seconds, packs_folder, debug)

    @property
    def specs(self) -> SpecRegistry:
        """The packs that the plugins registered, and those of the operator's folder."""
        return self._specs

    def names(self) -> list[PluginInfo]:
        """List the plugins in the order of their registration, and then those that are not in use."""
        return [loaded.info() for loaded in self._loaded.values()] + self._unusable

    def calls(self, hook: str) -> tuple[GuardedCall, ...]:
        """List the implementations of a hook, in the order in which they are to be called.

        Args:
            hook: Its name. Of a hook that takes the first result the plugins registered last come first.
        """
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        if hook in FIRST_RESULT_HOOKS:
            implementations = implementations[::-1]
        return tuple(
            GuardedCall(
                plugin=one.plugin_name,
                hook=hook,
                function=one.function,
                argument_names=one.argnames,
                timekeeper=self._loaded[one.plugin_name].timekeeper(hook),
                seconds=_SECONDS.get(hook, self._seconds),
                debug=self._debug,
            )
            for one in implementations
        )

    def _add(self, candidate: Candidate) -> None:
        watchdog = None if candidate.built_in else Watchdog(f"plugin {candidate.name}")
        try:
            hooks = self._register(candidate, watchdog)
        except UnusablePluginError as error:
            self._refuse(candidate, str(error))
        except TooSlowError:
            self._refuse(candidate, f"its import took longer than {LOADING_SECONDS:g} seconds")
        except Exception as error:
            self._refuse(candidate, f"it cannot be imported: {whereabouts(error)}: {error}", error)
        else:
            breaker = None if candidate.built_in else CircuitBreaker(f"plugin {candidate.name}")
            self._loaded[candidate.name] = _Loaded(candidate, hooks, watchdog, breaker)

    def _refuse(self, candidate: Candidate, problem: str, error: Exception | None = None) -> None:
        shown = error if self._debug else None
        logger.error(
            "Plugin %s (%s) is not in use: %s.", candidate.name, candidate.origin, problem, exc_info=shown
        )
        self._unusable.append(PluginInfo(candidate.name, candidate.origin, problem=problem))

    def _register(self, candidate: Candidate, watchdog: Watchdog | None) -> tuple[str, ...]:
        if candidate.name in self._loaded:
            raise UnusablePluginError("another plugin has this name already")
        plugin = candidate.load() if watchdog is None else watchdog.call(candidate.load, LOADING_SECONDS)
        try:
            self._manager.register(plugin, candidate.name)
            self._manager.check_pending()
            hooks = tuple(name for name in hook_names() if self._implements(candidate.name, name))
        except (ValueError, pluggy.PluginValidationError) as error:
            self._unregister(candidate.name)
            raise UnusablePluginError(" ".join(str(error).split())) from None
        if not hooks:
            self._unregister(candidate.name)
            raise UnusablePluginError("it implements no hook")
        return hooks

    def _unregister(self, name: str) -> None:
        if self._manager.has_plugin(name):
            self._manager.unregister(name=name)

    def _implements(self, plugin: str, hook: str) -> bool:
        implementations = [
            one for one in getattr(self._manager.hook, hook).get_hookimpls() if one.plugin_name == plugin
        ]
        if any(one.wrapper or one.hookwrapper for one in implementations):
            raise ValueError(f"its {hook} is a hook wrapper, which the chain does not call")
        return bool(implementations)

    def _load_specs(self, installed: Sequence[Path]) -> SpecRegistry:
        """Load the packs; one that cannot be loaded is named, with its plugin, and left out."""
        offered: list[tuple[str | None, Path]] = []
        for call in self.calls("register_specs"):
            answer = call({})
            if answer.failure is not None:
                self._loaded[call.plugin].problem = answer.failure.message
            offered += [(call.plugin, folder) for folder in answer.value]
        # Last, since the operator's pack counts where there is another for the same version.
        offered += [(None, folder) for folder in installed]
        try:
            return SpecRegistry(folder for _, folder in offered)
        except Exception:
            # Which of them it was shows when each is loaded by itself.
            return SpecRegistry(folder for plugin, folder in offered if self._is_loadable(plugin, folder))

    def _is_loadable(self, plugin: str | None, folder: Path) -> bool:
        try:
            SpecRegistry([folder])
        except Exception as error:
            problem = f"the specification pack in {folder} cannot be loaded: {error}"
            if plugin is None:
                logger.error("Packs folder: %s.", problem)
            else:
                logger.error("Plugin %s: %s.", plugin, problem)
                self._loaded[plugin].problem = problem
            return False
        return True


def hook_names() -> tuple[str, ...]:
    """Names of the hooks, in the order of `hookspecs`."""
    return tuple(name for name, value in vars(hookspecs).items() if hasattr(value, "iqies_spec"))


def _candidates(folders: Sequence[Path], with_entry_points: bool) -> Iterator[Candidate]:
    built_in = plugins_folder()
    yield from in_folder(built_in, built_in=True)
    if with_entry_points:
        yield from in_entry_points()
    for folder in folders:
        if folder.resolve() == built_in:
            continue
        try:
            yield from list(in_folder(folder, built_in=False))
        except OSError as error:
            logger.error("The plugin folder %s cannot be read: %s.", folder, error.strerror)
