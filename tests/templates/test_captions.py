"""What names a table is not read twice: where a heading says it already, the table refers to that."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
CAPTION = re.compile(r"<caption[^>]*>(.*?)</caption>", re.DOTALL)
HEADING = re.compile(r"<h[1-6][^>]*>(.*?)</h[1-6]>", re.DOTALL)
REFERENCE = re.compile(r'<table[^>]* aria-labelledby="([^"{]+)"')


def pages() -> list[str]:
    return sorted(
        str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html") if "<table" in path.read_text()
    )


@pytest.mark.parametrize("page", pages())
def test_no_caption_repeats_a_heading(page: str) -> None:
    text = (TEMPLATES / page).read_text()
    assert not {*CAPTION.findall(text)} & {*HEADING.findall(text)}
    for reference in REFERENCE.findall(text):
        assert f'id="{reference}"' in text
