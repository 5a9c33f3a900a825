"""Finding plugins and importing them: in folders, and as entry points of installed packages."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from types import ModuleType

ENTRY_POINT_GROUP = "iqies_flask.plugins"
_MODULE_PREFIX = "iqies_plugins"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plugin that was found and not yet imported.

    Attributes:
        name: Of the file or folder without ending, or of the entry point.
        origin: Where it was found, in words.
        built_in: Whether it came with the product.
        load: Imports it; raises whatever its code raises.
    """

    name: str
    origin: str
    built_in: bool
    load: Callable[[], object]


def in_folder(folder: Path, *, built_in: bool) -> Iterator[Candidate]:
    """Find the plugins of a folder: its modules and packages, by name.

    Args:
        folder: Names that begin with a dot or underscore are passed over.
        built_in: Whether it is the folder that came with the product.

    Raises:
        OSError: The folder cannot be listed.
    """
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "_")):
            continue
        package = path / "__init__.py"
        source = package if package.is_file() else path
        if source.suffix == ".py" and source.is_file():
            yield _from_source(path.stem, source, "built-in" if built_in else str(folder), built_in)


def in_entry_points() -> Iterator[Candidate]:
    """Find the plugins of installed packages, by name."""
    for entry_point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda one: one.name):
        yield Candidate(entry_point.name, f"package {_package(entry_point)}", False, entry_point.load)


def _package(entry_point: EntryPoint) -> str:
    return entry_point.dist.name if entry_point.dist else entry_point.module


def _from_source(name: str, source: Path, origin: str, built_in: bool) -> Candidate:
    return Candidate(name, origin, built_in, lambda: _import(name, source))


def _import(name: str, source: Path) -> ModuleType:
    """Import a file under a name of its own, so that plugins need not be on the import path."""
    # The package that holds them all: relative imports inside a plugin look it up.
    sys.modules.setdefault(_MODULE_PREFIX, ModuleType(_MODULE_PREFIX)).__path__ = []
    qualified = f"{_MODULE_PREFIX}.{name}"
    is_package = source.name == "__init__.py"
    search = [str(source.parent)] if is_package else None
    spec = importlib.util.spec_from_file_location(qualified, source, submodule_search_locations=search)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[qualified] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[qualified]
        raise
    return module
