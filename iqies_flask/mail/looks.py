"""The looks of e-mails: one style sheet, put onto the elements, as many mail programs drop all others."""

from functools import cache
from typing import TYPE_CHECKING

from iqies_flask.resources import templates_folder

if TYPE_CHECKING:
    from css_inline import CSSInliner

STYLE_SHEET = "mail/_style.css"
"""Its path below the folder of the templates."""


def styled(html: str) -> str:
    """Put the rules of the style sheet onto the elements of a page.

    Args:
        html: The whole page, without styles of its own.
    """
    return _inliner().inline(html)


@cache
def _inliner() -> "CSSInliner":
    # Takes some 40 ms, and 5 MB, which only a process that sends e-mail needs to spend.
    from css_inline import CSSInliner  # noqa: PLC0415

    rules = (templates_folder() / STYLE_SHEET).read_text("utf-8")
    return CSSInliner(inline_style_tags=False, load_remote_stylesheets=False, extra_css=rules)
