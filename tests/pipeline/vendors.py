"""Plugins as vendors write them, good and bad, and a host that loads them beside the built-in ones."""

from datetime import UTC, date, datetime
from pathlib import Path

from iqies_flask.model import MemoryContent, Record
from iqies_flask.pipeline.plugins import PluginHost
from iqies_flask.plugin import Context

HEADER = """
from iqies_flask.plugin import *
from iqies_flask.plugin import EditType, Severity

def finding(edit_id, severity=Severity.WARNING):
    return Finding(edit_id, "test", severity, EditType.CONSISTENCY, "It is odd.")

"""


def write_plugin(folder: Path, name: str, body: str) -> None:
    """Write a plugin into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.py").write_text(HEADER + body)


def load(folder: Path, seconds: float = 5.0) -> PluginHost:
    """Load the plugins of a folder beside the built-in ones."""
    return PluginHost.load([folder], entry_points=False, seconds=seconds)


def context(host: PluginHost, **options: dict[str, object]) -> Context:
    """Make a context as for offline validation."""
    received_at = datetime(2026, 6, 1, 12, tzinfo=UTC)
    return Context(host.specs, received_at, date(2026, 6, 1), options=options)


def record(root: str = "TEST", **items: str) -> Record:
    """Make a record that no built-in plugin knows, unless its root says so."""
    return Record(1, "a.xml", root, items, MemoryContent(b"<TEST/>"))
