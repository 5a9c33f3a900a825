import re
from dataclasses import MISSING, fields
from pathlib import Path

from iqies_flask.config import Settings
from iqies_flask.pipeline.limits import IntakeLimits

DOCUMENT = Path(__file__).parents[2] / "docs" / "configuration.md"


def documented(heading: str) -> dict[str, str]:
    """Names and defaults in the table below a heading."""
    section = DOCUMENT.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section, flags=re.MULTILINE))


def shown(value: object) -> str:
    if value is MISSING or value in ("", (), None):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:_}`" if isinstance(value, int) else f"`{value}`"


def test_documentation_lists_every_setting_with_its_default() -> None:
    defaults = {
        entry.name: shown(entry.default) for entry in fields(Settings) if entry.name not in {"limits"}
    }
    assert documented("Settings") == defaults


def test_documentation_lists_every_limit_with_its_default() -> None:
    assert documented("Limits") == {entry.name: shown(entry.default) for entry in fields(IntakeLimits)}
